"""Looking up a certificate in hand."""

from django import forms
from django.core.exceptions import ValidationError

from common.text import TextField
from sourcing.look_up import telling_words


class LookUpForm(forms.Form):
    """A certificate in hand: its number, or the legal business name on it."""

    SHORTEST = 3  # letters and digits
    q = TextField(
        max_length=160,
        label="Legal business name or certificate number",
        widget=forms.TextInput(attrs={"type": "search"}),
        help_text="As printed on the certificate. Part of a name is enough. Enter a number in full.",
        error_messages={"required": "Enter a legal business name or a certificate number"},
    )

    def clean_q(self) -> str:
        text = self.cleaned_data["q"]
        if sum(map(str.isalnum, text)) < self.SHORTEST:
            raise ValidationError(f"Enter at least {self.SHORTEST} letters or digits")
        if not telling_words(text):
            raise ValidationError("Many businesses have this in their name. Enter another word from the name.")
        return text
