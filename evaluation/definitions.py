"""The metric definitions as data: checked when read, printed into docs/metrics.md."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from evaluation.fold import TAGS
from models.content import content_version, explain_validation, read_mapping

SHIPPED = Path(__file__).with_name("definitions.yaml")
MEASURED = (
    *(f"M{number:02d}" for number in range(1, 17)),
    "M16b",
    *(f"M{number:02d}" for number in range(17, 25)),
    "C01",
    "R01",
)
"""What the code measures: a definition each, no more and no fewer."""
Text = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Definition(_Strict):
    """What one metric means. `version` names the wording by its content."""

    id: Annotated[str, Field(pattern=r"^(?:M\d{2}b?|[CR]\d{2})$")]
    title: Text
    numerator: Text
    denominator: Text
    events: Annotated[tuple[Text, ...], Field(min_length=1)]
    basis: Text

    @property
    def version(self) -> str:
        """`M01@<hash12>`."""
        return content_version(self.id, self.model_dump(mode="json"))


class Definitions(_Strict):
    """All definitions, with what is common to them."""

    name: Text
    conventions: Annotated[tuple[Text, ...], Field(min_length=1)]
    metrics: tuple[Definition, ...]

    @model_validator(mode="after")
    def _complete(self) -> Definitions:
        ids = tuple(metric.id for metric in self.metrics)
        if sorted(ids) != sorted(MEASURED):
            raise ValueError(f"define each of {', '.join(MEASURED)} once")
        for metric in self.metrics:
            unknown = sorted(set(metric.events) - set(TAGS))
            if unknown:
                raise ValueError(f"{metric.id} uses events nobody reads: {', '.join(unknown)}")
        return self

    @property
    def version(self) -> str:
        """`pilot-metrics@<hash12>`, over definitions and conventions."""
        return content_version(self.name, self.model_dump(mode="json"))

    def version_of(self, metric: str) -> str:
        """The version of one metric's definition. Raises KeyError where it has none."""
        return {each.id: each.version for each in self.metrics}[metric]


@cache
def load_definitions(path: Path = SHIPPED) -> Definitions:
    """Read and check definitions. Raises PolicyError, naming file, key, rule and remedy."""
    content = read_mapping(path)
    try:
        return Definitions.model_validate(content)
    except ValidationError as error:
        raise explain_validation(path.name, error) from error


def as_markdown(definitions: Definitions) -> str:
    """The definitions as docs/metrics.md prints them."""
    lines = [
        "# Pilot metrics",
        "",
        "Printed from `evaluation/definitions.yaml` by `python -m evaluation.definitions`; a test",
        f"holds the two together. Definitions: `{definitions.version}`.",
        "",
        "`dalo metrics --from --to --out DIR` measures them from the ledger alone; the same",
        "ledger, period and as-of give the same bytes.",
        "",
        "## Conventions",
        "",
        *(f"- {text}" for text in definitions.conventions),
    ]
    for metric in definitions.metrics:
        lines += [
            "",
            f"## {metric.id} {metric.title}",
            "",
            f"- Numerator: {metric.numerator}.",
            f"- Denominator: {metric.denominator}.",
            f"- Events: {', '.join(f'`{tag}`' for tag in metric.events)}.",
            f"- Basis: {metric.basis}.",
            f"- Version: `{metric.version}`.",
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(as_markdown(load_definitions()), end="")
