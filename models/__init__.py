"""The domain: pure data and pure rules, with no knowledge of Temporal, the store or the web."""
