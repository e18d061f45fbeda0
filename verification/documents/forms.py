"""The forms by which owners attach a document or appeal a decision."""

from django import forms

from common import pictures, uploads
from common.text import TextField


class DocumentForm(forms.Form):
    """A copy of the certificate."""

    document = uploads.UploadField(
        label="Copy of your certificate",
        help_text=(
            f"PDF, photo or screenshot, up to {uploads.MOST // 1_000_000} MB. "
            "Send only the certificate. Don't send tax, medical or discharge papers."
        ),
        widget=forms.FileInput({"accept": f"application/pdf,{pictures.ACCEPT}"}),
    )


class AppealForm(forms.Form):
    """The reasons for an appeal."""

    statement = TextField(
        label="Why is the decision wrong?",
        help_text="Tell us what to look at again. Someone who didn't decide before will read it.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Tell us in a sentence or two why it's wrong"},
    )
