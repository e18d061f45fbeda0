from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Renders each field with the project's one piece of markup for it."""

    field_template_name = "components/field.html"
