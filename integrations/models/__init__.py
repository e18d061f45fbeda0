from integrations.models.given import Given
from integrations.models.token import AccessToken
from integrations.models.webhook import Attempt, Delivery, EventType, Webhook

__all__ = ["AccessToken", "Attempt", "Delivery", "EventType", "Given", "Webhook"]
