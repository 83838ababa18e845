"""`python -m bench`."""

from __future__ import annotations

from bench.run import main
from casework.stopping import leave

if __name__ == "__main__":
    main()
    leave(0)
