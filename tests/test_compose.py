"""The compose file: sound by the specification, and its commands run with its environment.

Containers cannot run in the tests, so the commands of our own services run as plain processes,
against the embedded servers, with the environment the file gives them; only what a container
network provides (host names, published addresses) is replaced by loopback.
"""

from __future__ import annotations

import base64
import contextlib
import importlib.resources
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import TypeAdapter
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

from casework.client import connect
from casework.processes import choose_port
from casework.servers import Addresses, embedded_servers_async
from casework.settings import Settings
from workflows.search_attributes import KEYS

ROOT = Path(__file__).resolve().parent.parent
SECRETS = {
    "POSTGRES_PASSWORD": "compose-test-password",
    "DALO_MASTER_KEYS": base64.b64encode(bytes(range(32))).decode(),
    "DALO_CODEC_TOKEN": "compose-test-token",
}
OURS = {"migrate", "worker", "watchdog", "codec"}
READY_SECONDS = 60.0

_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")

Services = dict[str, dict[str, Any]]


def _services(variables: Mapping[str, str]) -> Services:
    """The file's services with its variables filled in as the compose specification says."""

    def value(match: re.Match[str]) -> str:
        name, kind, rest = match["name"], match["kind"], match["rest"]
        if variables.get(name):
            return variables[name]
        if kind == "-":
            return rest
        raise LookupError(f"{name}: {rest}")

    text = (ROOT / "docker-compose.yml").read_text()
    lines = [_VARIABLE.sub(value, line.split(" #", 1)[0]) for line in text.splitlines()]
    document = yaml.safe_load("\n".join(lines))
    return TypeAdapter(Services).validate_python(document["services"])


def test_the_file_follows_the_compose_specification() -> None:
    schemas = importlib.resources.files("check_jsonschema") / "builtin_schemas" / "vendor"
    schema = json.loads((schemas / "compose-spec.json").read_text())
    document = yaml.safe_load((ROOT / "docker-compose.yml").read_text())

    jsonschema.validate(document, schema)
    document["services"]["worker"]["comand"] = ["python", "worker.py"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_it_does_not_start_without_each_secret(missing: str) -> None:
    with pytest.raises(LookupError, match=missing):
        _services({name: value for name, value in SECRETS.items() if name != missing})


def test_it_has_the_parts_of_the_smallest_deployment_and_two_workers() -> None:
    services = _services(SECRETS)

    assert {"postgres", "temporal", "temporal-ui"} | OURS == set(services)
    assert services["worker"]["deploy"]["replicas"] == 2
    assert services["migrate"]["restart"] == "no"
    for name in OURS - {"migrate"}:
        condition = services[name]["depends_on"]["migrate"]["condition"]
        assert condition == "service_completed_successfully"


def test_every_part_that_is_waited_for_exists_and_can_be_found_healthy() -> None:
    services = _services(SECRETS)

    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in services, f"{name} waits for {other}"
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[other]


def test_nothing_is_published_beyond_loopback() -> None:
    for service in _services(SECRETS).values():
        for port in service.get("ports", []):
            assert str(port).startswith("127.0.0.1:")


def test_every_setting_it_gives_our_services_is_one_we_read() -> None:
    known = {f"DALO_{name.upper().removesuffix('_TEXT')}" for name in Settings.model_fields}

    for name in OURS:
        assert set(_services(SECRETS)[name]["environment"]) <= known


def test_the_image_is_built_from_the_lock_with_its_hashes() -> None:
    recipe = (ROOT / "Dockerfile").read_text()

    assert "--require-hashes --requirement requirements.lock" in recipe
    assert "--no-deps" in recipe
    assert "USER dalo" in recipe
    lock = (ROOT / "requirements.lock").read_text()
    assert "--hash=sha256:" in lock
    assert "://" not in lock
    assert not re.search(r"^--?(i|f|index-url|extra-index-url|find-links)\b", lock, re.MULTILINE)


def _environment(service: Mapping[str, Any], addresses: Addresses, home: Path) -> dict[str, str]:
    """What the file gives a service, container network addresses replaced by loopback ones."""
    given = {name: str(value) for name, value in service["environment"].items()}
    given["DALO_DATABASE_URL"] = addresses.database_url.get_secret_value()
    given["DALO_TEMPORAL_ADDRESS"] = addresses.temporal_address
    for name, value in given.items():
        if value.startswith("0.0.0.0:"):
            given[name] = f"127.0.0.1:{choose_port(0, name)}"
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    # An empty folder that no process may need: in a container there is no kept home either.
    return {**given, "PATH": programs, "DALO_HOME": str(home), "TEMPORAL_CONFIG_FILE": os.devnull}


@contextlib.contextmanager
def _process(
    name: str, service: Mapping[str, Any], environment: Mapping[str, str], logs: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """One service's command, as the file has it; asked to stop at the end, as Docker would."""
    with (logs / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            service["command"], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def _pollers(settings: Settings) -> set[str]:
    client = await connect(settings)
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=settings.task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    return {poller.identity for poller in answer.pollers}


async def _search_attributes(settings: Settings) -> set[str]:
    client = await connect(settings)
    answer = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    return set(answer.custom_attributes)


def _codec_status(bind: str, token: str | None) -> int:
    """The HTTP status of decoding nothing; 0 while nobody listens."""
    headers = {"Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(
        f"http://{bind}/decode", data=b'{"payloads": []}', headers=headers, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


async def test_the_commands_of_our_services_run_with_the_environment_of_the_file(
    home: Path, tmp_path: Path
) -> None:
    services = _services(SECRETS)
    local = Settings(home=home)
    async with contextlib.AsyncExitStack() as stack:
        addresses = await stack.enter_async_context(embedded_servers_async(local, []))

        def environment(name: str) -> dict[str, str]:
            return _environment(services[name], addresses, tmp_path / "empty")

        def run(name: str, number: int = 1) -> tuple[subprocess.Popen[bytes], dict[str, str]]:
            given = environment(name)
            label = f"{name}-{number}"
            manager = _process(label, services[name], given, tmp_path)
            return stack.enter_context(manager), given

        def log_of(label: str) -> str:
            return (tmp_path / f"{label}.log").read_text()[-4000:]

        migrate, _ = run("migrate")
        assert migrate.wait(READY_SECONDS) == 0, log_of("migrate-1")

        settings = addresses.applied_to(local)
        assert await _search_attributes(settings) >= {key.name for key in KEYS}

        replicas = range(1, services["worker"]["deploy"]["replicas"] + 1)
        started = {f"worker-{n}": run("worker", n)[0] for n in replicas}
        started["watchdog-1"], _ = run("watchdog")
        started["codec-1"], codec = run("codec")

        deadline = time.monotonic() + READY_SECONDS
        while (
            len(await _pollers(settings)) < len(replicas)
            or _codec_status(codec["DALO_CODEC_BIND"], codec["DALO_CODEC_TOKEN"]) != 200
        ):
            for label, process in started.items():
                assert process.poll() is None, f"{label} ended: {log_of(label)}"
            assert time.monotonic() < deadline, "\n".join(log_of(label) for label in started)
            time.sleep(0.2)

        assert _codec_status(codec["DALO_CODEC_BIND"], None) in {401, 403}
        for label, process in started.items():
            assert process.poll() is None, f"{label} ended: {log_of(label)}"
            process.send_signal(signal.SIGTERM)
        for label, process in started.items():
            # An HTTP server ends itself by the signal that asked it to, after it has closed.
            assert process.wait(40) in {0, -signal.SIGTERM}, f"{label}: {log_of(label)}"
