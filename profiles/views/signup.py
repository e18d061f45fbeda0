"""Sign-up, filled in with what an invitation says about the person."""

from typing import Any

from allauth.account.views import SignupView as AllauthSignupView

from profiles import members
from profiles.models import User


class SignupView(AllauthSignupView):
    """Django-allauth's view. If a person follows an invitation, its address is filled in.

    The links on the welcome page say in the address for what the person came.
    """

    def get_initial(self) -> dict[str, Any]:
        initial = super().get_initial()
        if invitation := members.invitation_followed(self.request):
            initial["email"] = invitation.email
            initial["purpose"] = User.Purpose.CLIENT if invitation.client_id else User.Purpose.AGENCY
        elif (purpose := self.request.GET.get("purpose")) in User.Purpose.values:
            initial["purpose"] = purpose
        return initial
