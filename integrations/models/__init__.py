from integrations.models.directory import DirectoryGroup, DirectoryPerson, DirectoryToken
from integrations.models.given import Given
from integrations.models.idempotent import IdempotentRequest
from integrations.models.sign_on import EmailDomain, IdentityProvider
from integrations.models.token import AccessToken
from integrations.models.webhook import Attempt, Delivery, EventType, ToldGoal, Webhook

__all__ = [
    "AccessToken",
    "Attempt",
    "Delivery",
    "DirectoryGroup",
    "DirectoryPerson",
    "DirectoryToken",
    "EmailDomain",
    "EventType",
    "Given",
    "IdempotentRequest",
    "IdentityProvider",
    "ToldGoal",
    "Webhook",
]
