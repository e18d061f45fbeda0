from integrations.models.given import Given
from integrations.models.sign_on import EmailDomain, IdentityProvider
from integrations.models.token import AccessToken
from integrations.models.webhook import Attempt, Delivery, EventType, Webhook

__all__ = ["AccessToken", "Attempt", "Delivery", "EmailDomain", "EventType", "Given", "IdentityProvider", "Webhook"]
