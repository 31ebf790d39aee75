"""Identity rules: how a tenant's identifiers and links are judged."""

from fastapi import APIRouter

from app.api.deps import Administering
from app.api.errors import PROBLEM_RESPONSES
from app.domain.identity_rules import IdentityRules, document_of
from app.intake.rules import RulesRow

router = APIRouter(prefix="/v1/rules", tags=["rules"], responses=PROBLEM_RESPONSES)


@router.get("")
async def read_rules(caller: Administering) -> RulesRow:
    """Read the rules that hold for the tenant, defaults included."""
    return _answer(await caller.services.rules.read(caller.tenant))


@router.put("")
async def put_rules(caller: Administering, body: RulesRow) -> RulesRow:
    """Replace the rules; what is left out is as by default. No link is touched: who belongs together is computed."""
    rules = body.to_rules()
    await caller.services.rules.write(caller.tenant, rules, caller.actor)
    return _answer(rules)


def _answer(rules: IdentityRules) -> RulesRow:
    return RulesRow.model_validate(document_of(rules))
