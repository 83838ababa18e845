"""Listening to what a replayed run would send to the ledger."""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.worker import (
    Interceptor,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)


class Listener(Interceptor):
    """Keeps the input of every activity that a replayed run starts, in order."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        """Let the run reach this listener from inside its sandbox."""
        input.unsafe_extern_functions["heard"] = self.heard.append
        return _Inbound


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound))


class _Outbound(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:
        workflow.extern_functions()["heard"]((input.activity, input.args[0].model_dump_json()))
        return super().start_activity(input)
