import common.models
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('common', '0001_functions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ScheduledJob',
            fields=[
                ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('started_at', models.DateTimeField()),
                ('succeeded_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['name'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, unique=True)),
                ('to', models.EmailField(max_length=254)),
                ('subject', models.TextField(blank=True)),
                ('text', models.TextField(blank=True)),
                ('html', models.TextField(blank=True)),
                ('writer', models.CharField(blank=True, max_length=100)),
                ('arguments', models.JSONField(default=dict)),
                ('about', models.CharField(blank=True, max_length=60)),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('tries', models.PositiveIntegerField(default=0)),
                ('next_try_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('is_held', models.BooleanField(default=False, verbose_name='waits for the mail server')),
                ('refused_at', models.DateTimeField(blank=True, null=True)),
                ('refused_because', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'verbose_name': 'email',
                'verbose_name_plural': 'email not sent',
                'ordering': ['next_try_at', 'pk'],
                'default_permissions': ('view',),
                'indexes': [models.Index(condition=models.Q(('refused_at', None)), fields=['next_try_at', 'id'], name='mail_waiting'), models.Index(condition=models.Q(('about', ''), _negated=True), fields=['about'], name='mail_about')],
            },
        ),
        migrations.CreateModel(
            name='UnwantedFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('storage', models.CharField(max_length=20)),
                ('name', models.CharField(max_length=200)),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('storage', 'name'), name='unwanted_file_once')],
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('path', models.CharField(max_length=500)),
                ('query', models.TextField(blank=True)),
                ('fields', models.TextField(blank=True)),
                ('errors', models.TextField(default='{}')),
                ('had_file', models.BooleanField(default=False)),
                ('is_interrupted', models.BooleanField(default=False)),
                ('expires_at', models.DateTimeField(default=common.models.session_end)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['expires_at', 'pk'],
                'indexes': [models.Index(fields=['expires_at'], name='draft_expiry')],
            },
        ),
    ]
