"""Departments of one's own organisation: a tree of offices, along which a warning goes up."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from sealwatch.contracts.base import Code
from sealwatch_api.auth import Access, SubscriptionsAdmin
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.paging import Asked, Page, Reading
from sealwatch_api.problems import Declined, not_found
from sealwatch_api.queries import audit
from sealwatch_api.queries import departments as queries
from sealwatch_api.routing_forms import DepartmentFacts
from sealwatch_api.routing_views import Department

router = APIRouter(tags=["departments"])
DEEPEST = 16  # offices from the lowest to the top; ours


@router.put("/v1/departments/{department_id}", openapi_extra=accepts(DepartmentFacts))
async def put_department(
    access: SubscriptionsAdmin,
    department_id: Code,
    facts: Annotated[DepartmentFacts, Depends(sent(DepartmentFacts))],
    response: Response,
) -> Department:
    """Record a department and the office above it."""
    values = {"organisation": access.organisation, "department_id": department_id, **facts.model_dump()}
    async with access.transaction() as connection:
        await queries.lock(connection, access.organisation)
        above = await queries.parents(connection, access.organisation)
        if fault := misplaced(department_id, facts.parent_id, above):
            raise Declined(422, fault)
        if await queries.record(connection, values | {"now": access.parts.clock()}):
            response.status_code = 201
        deed = audit.Deed("department.recorded", department_id, facts.model_dump())
        await audit.keep(connection, access, deed)
    return await _shown(access, department_id)


def misplaced(department_id: str, parent_id: str | None, above: Mapping[str, str | None]) -> str | None:
    """Return why a department cannot stand below this office, or None."""
    if parent_id is not None and parent_id not in above:
        return "unknown_parent"
    steps, at = 1, parent_id
    while at is not None:
        if at == department_id:
            return "department_above_itself"
        steps, at = steps + 1, above.get(at)
        if steps > DEEPEST:
            return "departments_too_deep"
    return None


@router.get("/v1/departments")
async def list_departments(access: SubscriptionsAdmin, asked: Annotated[Asked, Query()]) -> Page[Department]:
    """List the departments of one's own organisation by id."""
    reading = Reading(access, "departments", asked)
    after = reading.after[0] if reading.after else None
    async with access.transaction() as connection:
        rows = await queries.listed(connection, access.organisation, after, reading.most)
    return Page(
        items=[Department.model_validate(dict(row)) for row in reading.page(rows)],
        next_cursor=reading.next_cursor(rows, lambda row: [row["department_id"]]),
    )


@router.get("/v1/departments/{department_id}")
async def get_department(access: SubscriptionsAdmin, department_id: Code) -> Department:
    """Show one department."""
    return await _shown(access, department_id)


@router.delete("/v1/departments/{department_id}", status_code=204)
async def delete_department(access: SubscriptionsAdmin, department_id: Code) -> None:
    """Close a department; refused while it has subscriptions or offices below it."""
    async with access.transaction() as connection:
        await queries.lock(connection, access.organisation)
        if await queries.is_used(connection, access.organisation, department_id):
            raise Declined(409, "department_in_use")
        now = access.parts.clock()
        if not await queries.close(connection, access.organisation, department_id, now):
            raise not_found()
        await audit.keep(connection, access, audit.Deed("department.closed", department_id))


async def _shown(access: Access, department_id: str) -> Department:
    async with access.transaction() as connection:
        row = await queries.find(connection, access.organisation, department_id)
    if row is None:
        raise not_found()
    return Department.model_validate(dict(row))
