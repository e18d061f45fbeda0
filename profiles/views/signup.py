"""Signing up, with what an invitation says of the person."""

from allauth.account.views import SignupView as AllauthSignupView

from profiles import members
from profiles.models import User


class SignupView(AllauthSignupView):
    """As django-allauth's. Who follows an invitation finds the address it was sent to filled in."""

    def get_initial(self):
        initial = super().get_initial()
        if invitation := members.invitation_followed(self.request):
            initial["email"] = invitation.email
            initial["purpose"] = User.Purpose.CLIENT if invitation.client_id else User.Purpose.AGENCY
        return initial
