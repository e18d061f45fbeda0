from integrations.models.webhook import Attempt, Delivery, EventType, Webhook

__all__ = ["Attempt", "Delivery", "EventType", "Webhook"]
