from rollout.models.policy import RolloutPolicy

__all__ = ["RolloutPolicy"]
