"""The map of addresses."""

from typing import Final

from aiohttp import web

from app.endpoints import do_not_call, erasure, health, metrics, queueing, tasks, webhooks
from app.endpoints.campaigns import editing, filling, retrying, seeing, steering
from app.endpoints.seeing import calls, draining, happenings, overview, task_list
from app.endpoints.streaming.stream import stream
from app.http.body.checking import with_body, without_fields
from app.paths import BASE_PATH, BULK_PATH, HEALTH_PATH, STREAM_PATH
from schemas.webhook_urls import CALL_STATUS_PATH, INCOMING_CALL_PATH

_TASK: Final = f"{BASE_PATH}/tasks/{{task_id:[^/]+}}"


def add_routes(app: web.Application) -> None:
    """Adds every documented route."""
    app.router.add_get(HEALTH_PATH, health.health)
    app.router.add_post(f"{BASE_PATH}/queue-single-call", with_body(queueing.queue_single_call))
    app.router.add_post(BULK_PATH, with_body(queueing.queue_bulk_calls))
    app.router.add_post(f"{BASE_PATH}/schedule-call", with_body(queueing.schedule_call))
    app.router.add_get(f"{BASE_PATH}/tasks", task_list.list_tasks)
    app.router.add_get(f"{BASE_PATH}/tasks/{{task_id:[^/]+}}/events", happenings.task_events)
    app.router.add_post(f"{BASE_PATH}/tasks/{{task_id:[^/]+}}/redeliver", without_fields(happenings.redeliver))
    app.router.add_get(f"{BASE_PATH}/calls", calls.list_calls)
    app.router.add_get(f"{BASE_PATH}/overview", overview.overview)
    app.router.add_post(f"{BASE_PATH}/drain", without_fields(draining.drain))
    app.router.add_post(f"{BASE_PATH}/undrain", without_fields(draining.undrain))
    app.router.add_get(f"{BASE_PATH}/task-status/{{task_id:[^/]+}}", tasks.task_status)
    app.router.add_delete(f"{BASE_PATH}/cancel-task/{{task_id:[^/]+}}", tasks.cancel_task)
    app.router.add_get(f"{_TASK}/calls", seeing.task_calls)
    app.router.add_post(f"{_TASK}/pause", without_fields(steering.pause_task))
    app.router.add_post(f"{_TASK}/resume", without_fields(steering.resume_task))
    app.router.add_post(f"{_TASK}/retry", with_body(retrying.retry_task))
    app.router.add_patch(_TASK, with_body(editing.edit_task))
    app.router.add_post(f"{_TASK}/recipients", with_body(filling.add_recipients))
    app.router.add_delete(f"{BASE_PATH}/tasks/{{task_id:[^/]+}}", tasks.delete_task)
    app.router.add_post(f"{BASE_PATH}/forget-number", with_body(erasure.forget_number))
    app.router.add_get(f"{BASE_PATH}/forget-number/{{job_id:[^/]+}}", erasure.forgetting_status)
    app.router.add_get(STREAM_PATH, stream)
    app.router.add_get(f"{BASE_PATH}/do-not-call", do_not_call.list_do_not_call)
    app.router.add_post(f"{BASE_PATH}/do-not-call", with_body(do_not_call.add_do_not_call))
    one_number = f"{BASE_PATH}/do-not-call/{{number:[^/]+}}"
    app.router.add_put(one_number, without_fields(do_not_call.put_do_not_call))
    app.router.add_get(one_number, do_not_call.get_do_not_call)
    app.router.add_delete(one_number, do_not_call.delete_do_not_call)
    app.router.add_get("/livez", health.livez)
    app.router.add_get("/readyz", health.readyz)
    app.router.add_post(INCOMING_CALL_PATH, webhooks.incoming_call)
    app.router.add_post(CALL_STATUS_PATH, webhooks.call_status)
    app.router.add_get("/metrics", metrics.metrics)
