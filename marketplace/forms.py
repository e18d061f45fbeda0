"""How every form is rendered, and how it names what is missing."""

from django import forms
from django.forms.renderers import TemplatesSetting

NOT_A_DATE = "Enter a date, like 03/31/2027"  # with all digits of the year: see marketplace/formats
NOT_AN_ADDRESS = "Enter an email address, like name@example.com"


class NamedField(forms.BoundField):
    """A field whose error names what is missing, such as "Enter the subject", unless the field has its own words."""

    def __init__(self, form: forms.BaseForm, field: forms.Field, name: str) -> None:
        super().__init__(form, field, name)
        if field.error_messages.get("required") is forms.Field.default_error_messages["required"]:
            field.error_messages["required"] = missing(str(self.label), field.widget)
        if isinstance(field, forms.DateField):
            field.error_messages["invalid"] = NOT_A_DATE
        elif isinstance(field, forms.EmailField):
            field.error_messages["invalid"] = NOT_AN_ADDRESS


class FormRenderer(TemplatesSetting):
    """Renders each field with the project's one piece of markup for it."""

    field_template_name = "components/field.html"
    bound_field_class = NamedField


def missing(label: str, widget: forms.Widget) -> str:
    """Return what to do about a field that was left empty, in the words of its label."""
    if label.endswith("?"):
        return "Answer this question"
    if isinstance(widget, forms.CheckboxInput):
        return "Check this box to continue"
    verb = "Choose" if isinstance(widget, forms.Select | forms.RadioSelect | forms.FileInput) else "Enter"
    name = label.partition(" (")[0]
    if name[1:2].islower():  # no abbreviation, such as "U.S. state"
        name = name[0].lower() + name[1:]
    return f"{verb} {name}" if name.startswith("your ") else f"{verb} the {name}"
