import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import integrations.models.sign_on
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('allauth_idp_oidc', '0003_client_allow_uri_wildcards'),
        ('certifications', '0001_initial'),
        ('profiles', '0001_initial'),
        ('spend', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('type', models.TextField(choices=[('certification.changed', 'A certification changed that your system has'), ('report.ready', 'A report was issued'), ('report.superseded', 'A report was superseded'), ('export.ready', 'An export is ready'), ('import.finished', 'Payments were imported'), ('goal.crossed', 'A goal was reached, or lost again'), ('member.deprovisioned', 'A member left'), ('webhook.test', 'A test')])),
                ('data', models.JSONField(default=dict)),
                ('happened_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('state', models.TextField(choices=[('waiting', 'Waiting'), ('delivered', 'Delivered'), ('failed', 'Failed')], default='waiting')),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('next_try_at', models.DateTimeField(default=django.utils.timezone.now, null=True)),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'ordering': ['-happened_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='AccessToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('ending', models.CharField(editable=False, max_length=4)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField()),
                ('last_used_on', models.DateField(blank=True, null=True)),
                ('announced_days', models.PositiveSmallIntegerField(editable=False, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('name', models.CharField(max_length=80)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('certifications:read', 'Read certifications'), ('shortlists:read', 'Read shortlists'), ('shortlists:write', 'Create shortlists, and add and remove profiles'), ('invitations:read', 'Read invitations'), ('invitations:write', 'Send and withdraw invitations'), ('exports', 'Create and download files of certifications and of spend reports'), ('spend:read', 'Read spend with certified businesses')], max_length=40))),
                ('networks', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=43), blank=True, default=list)),
                ('submission', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='profiles.client')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('oauth', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='access_token', to='allauth_idp_oidc.client')),
                ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('milliseconds', models.PositiveIntegerField()),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('said', models.TextField(blank=True)),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='attempts', to='integrations.delivery')),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='DirectoryPerson',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('resource', models.JSONField()),
                ('external_id', models.TextField(blank=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('user_name', models.TextField()),
                ('user_name_key', models.TextField(editable=False)),
                ('name', models.CharField(blank=True, max_length=100)),
                ('email', models.TextField(blank=True)),
                ('is_active', models.BooleanField(default=True)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='profiles.client')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='directory_people', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'person of a directory',
                'verbose_name_plural': 'people of directories',
                'ordering': ['created_at', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DirectoryGroup',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('resource', models.JSONField()),
                ('external_id', models.TextField(blank=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('name', models.TextField()),
                ('role', models.CharField(blank=True, choices=[('admin', 'Admin'), ('member', 'Member')], max_length=10)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='profiles.client')),
                ('people', models.ManyToManyField(related_name='groups', to='integrations.directoryperson')),
            ],
            options={
                'verbose_name': 'group of a directory',
                'verbose_name_plural': 'groups of directories',
                'ordering': ['created_at', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DirectoryToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('ending', models.CharField(editable=False, max_length=4)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField()),
                ('last_used_on', models.DateField(blank=True, null=True)),
                ('announced_days', models.PositiveSmallIntegerField(editable=False, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='profiles.client')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='EmailDomain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=253, verbose_name='domain')),
                ('token', models.CharField(default=integrations.models.sign_on.new_token, editable=False, max_length=32)),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('verified_at', models.DateTimeField(null=True)),
                ('checked_at', models.DateTimeField(null=True)),
                ('missing_since', models.DateTimeField(null=True)),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='email_domains', to='profiles.client')),
            ],
            options={
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Given',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(unique=True)),
                ('given_at', models.DateTimeField()),
                ('gone_at', models.DateTimeField(null=True)),
                ('told_change_at', models.DateTimeField(null=True)),
                ('is_told_gone', models.BooleanField(db_default=False)),
                ('certification', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='given', to='certifications.certification')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='profiles.client')),
            ],
            options={
                'verbose_name': "certification in a client's system",
                'verbose_name_plural': "certifications in clients' systems",
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='IdempotentRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.TextField()),
                ('request_digest', models.CharField(max_length=64)),
                ('begun_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('body', models.TextField(blank=True)),
                ('token', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='integrations.accesstoken')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='IdentityProvider',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('protocol', models.CharField(choices=[('oidc', 'OpenID Connect'), ('saml', 'SAML')], default='oidc', max_length=10)),
                ('issuer', models.CharField(max_length=150)),
                ('client_key', models.CharField(blank=True, max_length=191, verbose_name='client ID')),
                ('client_secret', models.TextField(blank=True, verbose_name='client secret, sealed')),
                ('sign_in_url', models.TextField(blank=True, verbose_name='address to sign in at')),
                ('certificates', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list)),
                ('is_on', models.BooleanField(default=False, verbose_name='on')),
                ('adds_people', models.BooleanField(default=False, verbose_name='adds people')),
                ('is_enforced', models.BooleanField(default=False, verbose_name='enforced')),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('break_glass', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='identity_provider', to='profiles.client')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='ToldGoal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('goal', models.OneToOneField(on_delete=django.db.models.deletion.DB_CASCADE, related_name='+', to='spend.goal')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.TextField()),
                ('description', models.TextField(blank=True)),
                ('events', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(choices=[('certification.changed', 'A certification changed that your system has'), ('report.ready', 'A report was issued'), ('report.superseded', 'A report was superseded'), ('export.ready', 'An export is ready'), ('import.finished', 'Payments were imported'), ('goal.crossed', 'A goal was reached, or lost again'), ('member.deprovisioned', 'A member left'), ('webhook.test', 'A test')]), default=list)),
                ('secret', models.TextField(verbose_name='secret, sealed')),
                ('previous_secret', models.TextField(blank=True, verbose_name='previous secret, sealed')),
                ('previous_until', models.DateTimeField(blank=True, null=True)),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('off_at', models.DateTimeField(blank=True, null=True)),
                ('off_because', models.TextField(blank=True, choices=[('admin', 'An admin turned it off'), ('gone', 'Its address answered that it is gone (410)'), ('failing', 'An event could not be delivered in three days')])),
                ('busy_until', models.DateTimeField(blank=True, null=True)),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.DB_SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='webhooks', to='profiles.client')),
            ],
            options={
                'ordering': ['address', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='delivery',
            name='webhook',
            field=models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='deliveries', to='integrations.webhook'),
        ),
        migrations.AddConstraint(
            model_name='accesstoken',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at')), ('expires_at__lte', django.db.models.expressions.CombinedExpression(models.F('created_at'), '+', models.Value(datetime.timedelta(days=366))))), name='token_expires_within_a_year', violation_error_message='A token expires within a year'),
        ),
        migrations.AddConstraint(
            model_name='accesstoken',
            constraint=models.CheckConstraint(condition=models.Q(('scopes__len__gte', 1)), name='token_has_a_scope', violation_error_message='Choose at least one'),
        ),
        migrations.AddConstraint(
            model_name='accesstoken',
            constraint=models.CheckConstraint(condition=models.Q(('revoked_by', None), ('revoked_at__isnull', False), _connector='OR'), name='token_revoked_at_a_time', violation_error_message='A revoked token says when it was revoked'),
        ),
        migrations.AddIndex(
            model_name='directoryperson',
            index=models.Index(fields=['client', 'external_id'], name='directory_person_external'),
        ),
        migrations.AddConstraint(
            model_name='directoryperson',
            constraint=models.UniqueConstraint(fields=('client', 'user_name_key'), name='directory_person_once'),
        ),
        migrations.AddConstraint(
            model_name='directoryperson',
            constraint=models.UniqueConstraint(fields=('client', 'user'), name='directory_person_of_one_account'),
        ),
        migrations.AddConstraint(
            model_name='directorygroup',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['', 'admin'])), name='directory_group_of_admins_or_not'),
        ),
        migrations.AddConstraint(
            model_name='directorytoken',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at')), ('expires_at__lte', django.db.models.expressions.CombinedExpression(models.F('created_at'), '+', models.Value(datetime.timedelta(days=366))))), name='directory_token_expires_within_a_year', violation_error_message='A token expires within a year'),
        ),
        migrations.AddConstraint(
            model_name='emaildomain',
            constraint=models.UniqueConstraint(fields=('client', 'name'), name='email_domain_once', violation_error_message='Your organization has this domain already'),
        ),
        migrations.AddConstraint(
            model_name='emaildomain',
            constraint=models.UniqueConstraint(condition=models.Q(('verified_at__isnull', False)), fields=('name',), name='email_domain_of_one_client'),
        ),
        migrations.AddConstraint(
            model_name='emaildomain',
            constraint=models.CheckConstraint(condition=models.Q(('name__regex', '^[a-z0-9-]+(\\.[a-z0-9-]+)+$')), name='email_domain_lowercase'),
        ),
        migrations.AddConstraint(
            model_name='emaildomain',
            constraint=models.CheckConstraint(condition=models.Q(('missing_since', None), ('verified_at__isnull', False), _connector='OR'), name='email_domain_missing_while_it_counts'),
        ),
        migrations.AddIndex(
            model_name='given',
            index=models.Index(fields=['client', 'id'], name='given_of_client'),
        ),
        migrations.AddConstraint(
            model_name='given',
            constraint=models.UniqueConstraint(fields=('client', 'certification'), name='given_once_a_client'),
        ),
        migrations.AddIndex(
            model_name='idempotentrequest',
            index=models.Index(fields=['begun_at'], name='idempotent_age'),
        ),
        migrations.AddConstraint(
            model_name='idempotentrequest',
            constraint=models.UniqueConstraint(fields=('token', 'key'), name='idempotent_once_a_token'),
        ),
        migrations.AddConstraint(
            model_name='identityprovider',
            constraint=models.CheckConstraint(condition=models.Q(('is_enforced', False), ('is_on', True), _connector='OR'), name='identity_provider_enforced_while_on', violation_error_message='Turn on sign-in through your provider first'),
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('off_at', None), ('off_because', '')), models.Q(('off_at__isnull', False), models.Q(('off_because', ''), _negated=True)), _connector='OR'), name='webhook_off_because', violation_error_message='A webhook that is off says why'),
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('previous_secret', ''), ('previous_until', None)), models.Q(('previous_until__isnull', False), models.Q(('previous_secret', ''), _negated=True)), _connector='OR'), name='webhook_previous_until', violation_error_message='A previous secret has an end'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['webhook', '-happened_at', '-id'], name='delivery_log'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['webhook', 'next_try_at'], name='delivery_due'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['happened_at'], name='delivery_age'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('next_try_at__isnull', False), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('next_try_at', None)), _connector='OR'), name='delivery_waits_until', violation_error_message='What waits has the time of its next attempt'),
        ),
    ]
