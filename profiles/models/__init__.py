from profiles.models.client import Client, ClientMembership
from profiles.models.invitation import Invitation
from profiles.models.profile import Membership, Profile, WorkHistory
from profiles.models.user import User

__all__ = ["Client", "ClientMembership", "Invitation", "Membership", "Profile", "User", "WorkHistory"]
