"""Versioned content (policies, calendars): reading it strictly and naming it by its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError


class PolicyError(Exception):
    """A policy or calendar that cannot be used. Nothing was loaded.

    The message names the file, the key, the rule it breaks and what to do about it.
    """

    def __init__(self, source: str, key: str, rule: str, remedy: str) -> None:
        super().__init__(f"{source}: {key or 'file'}: {rule}; {remedy}")
        self.source = source
        self.key = key
        self.rule = rule
        self.remedy = remedy


class _OnceLoader(yaml.SafeLoader):
    """YAML's usual loader would let the last of two equal keys win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: list[str] = []
        for key_node, _ in node.value:
            if key_node.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key_node.value!r} stands twice", key_node.start_mark
                )
            seen.append(key_node.value)
        return super().construct_mapping(node, deep)


def read_mapping(path: Path) -> dict[str, Any]:
    """A YAML (or JSON) file whose top is a mapping. Raises PolicyError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(
            path.name, "", f"cannot be read ({type(error).__name__})", f"is {path} a text file?"
        ) from error
    try:
        # The loader is a SafeLoader.
        content = yaml.load(text, Loader=_OnceLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else ""
        rule = getattr(error, "problem", None) or "is not YAML"
        raise PolicyError(path.name, where, rule, "correct the line") from error
    if not isinstance(content, dict):
        raise PolicyError(path.name, "", "must be a mapping of keys", "start with `name: ...`")
    return content


def content_version(name: str, content: Any) -> str:
    """`name@<hash12>`: the same content has the same version on every machine."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return f"{name}@{hashlib.sha256(canonical.encode()).hexdigest()[:12]}"


def explain_validation(source: str, error: ValidationError) -> PolicyError:
    """The first mistake that pydantic found, as one that names file, key, rule and remedy."""
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"] if part != "[key]")
    remedies = {
        "extra_forbidden": "remove it or correct its spelling",
        "missing": "add it, with its basis",
    }
    remedy = remedies.get(first["type"], "give a value of that form")
    rule = "is not a known key" if first["type"] == "extra_forbidden" else first["msg"]
    return PolicyError(source, key, rule[:1].lower() + rule[1:], remedy)
