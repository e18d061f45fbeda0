"""The forms by which owners attach a document or appeal a decision."""

from django import forms

from common import pictures, uploads
from common.text import TextField


class DocumentForm(forms.Form):
    """A copy of the certificate."""

    document = uploads.UploadField(
        label="A copy of the certificate",
        help_text=(
            f"A PDF, a photo or a screenshot, up to {uploads.MOST // 1_000_000} MB. "
            "Send only the certificate. Don't send tax, medical or discharge papers."
        ),
        widget=forms.FileInput({"accept": f"application/pdf,{pictures.ACCEPT}"}),
    )


class AppealForm(forms.Form):
    """The reasons for an appeal."""

    statement = TextField(
        label="Why the decision is wrong",
        help_text="What should we look at again? Someone who didn't make the decision reads it.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Enter why the decision is wrong"},
    )
