"""Workflows that live at a story's time, whatever the date of the machine and of its test server.

The time-skipping server starts at the machine's time and only moves on. Here every workflow is told
that time moved by a fixed length, so that a story of 2027 plays on any date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner


@dataclass
class _Moved(WorkflowInstance):
    """One run of a workflow."""

    inner: WorkflowInstance
    by: timedelta

    def activate(self, act: Any) -> Any:
        act.timestamp.FromDatetime(act.timestamp.ToDatetime() + self.by)
        return self.inner.activate(act)

    def get_serialization_context(self, command_info: Any) -> Any:
        return self.inner.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> Any:
        return self.inner.get_external_store_context(command_info)

    def get_info(self) -> Any:
        return self.inner.get_info()

    def get_thread_id(self) -> int | None:
        return self.inner.get_thread_id()


@dataclass
class StoryTime(WorkflowRunner):
    """Runs workflows as another runner does, at the engine's time moved by so much."""

    inner: WorkflowRunner
    by: timedelta

    def prepare_workflow(self, defn: Any) -> None:
        self.inner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _Moved(self.inner.create_instance(det), self.by)
