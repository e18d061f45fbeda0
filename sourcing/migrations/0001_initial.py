import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import sourcing.models.export
import sourcing.models.listing
import uuid
import verification.models.document
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('certifications', '0001_initial'),
        ('profiles', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FollowedCertificate',
            fields=[
            ],
            options={
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('certifications.certificate',),
        ),
        migrations.CreateModel(
            name='FollowedCertification',
            fields=[
            ],
            options={
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('certifications.certification',),
        ),
        migrations.CreateModel(
            name='FollowedConsent',
            fields=[
            ],
            options={
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('certifications.consent',),
        ),
        migrations.CreateModel(
            name='FollowedEvidence',
            fields=[
            ],
            options={
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('certifications.evidence',),
        ),
        migrations.CreateModel(
            name='FollowedProfile',
            fields=[
            ],
            options={
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('profiles.profile',),
        ),
        migrations.CreateModel(
            name='CertifiedListing',
            fields=[
                ('profile', models.OneToOneField(on_delete=django.db.models.deletion.DB_CASCADE, primary_key=True, related_name='+', serialize=False, to='profiles.profile')),
                ('active_at', models.DateTimeField()),
                ('name_key', models.TextField()),
                ('state', models.CharField(max_length=2)),
                ('hourly_rate', models.DecimalField(decimal_places=2, max_digits=6, null=True)),
                ('terms', sourcing.models.listing.UncompressedSearchVector()),
                ('valid_until', models.DateField()),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
                'indexes': [models.Index(fields=['-active_at', '-profile'], include=('state', 'hourly_rate', 'valid_until', 'terms'), name='listing_certified_active'), models.Index(fields=['name_key', 'profile'], include=('state', 'hourly_rate', 'valid_until', 'terms'), name='listing_certified_name'), django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['terms'], name='listing_certified_terms')],
            },
        ),
        migrations.CreateModel(
            name='Listing',
            fields=[
                ('profile', models.OneToOneField(on_delete=django.db.models.deletion.DB_CASCADE, primary_key=True, related_name='+', serialize=False, to='profiles.profile')),
                ('active_at', models.DateTimeField()),
                ('name_key', models.TextField()),
                ('state', models.CharField(max_length=2)),
                ('hourly_rate', models.DecimalField(decimal_places=2, max_digits=6, null=True)),
                ('terms', django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
                'indexes': [models.Index(fields=['-active_at', '-profile'], name='listing_active'), models.Index(fields=['name_key', 'profile'], name='listing_name'), django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['terms'], name='listing_terms')],
            },
        ),
        migrations.CreateModel(
            name='SavedSearch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('query', models.TextField(blank=True, max_length=2000, verbose_name='what is searched for, as in an address')),
                ('frequency', models.CharField(blank=True, choices=[('', 'No email'), ('daily', 'Daily, when there are new results'), ('weekly', 'Weekly, when there are new results')], max_length=10, verbose_name='email alerts')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('run_at', models.DateTimeField(null=True)),
                ('news_at', models.DateTimeField(null=True)),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='profiles.client')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_searches', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'saved searches',
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='SavedMatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('found_at', models.DateTimeField()),
                ('consent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='certifications.consent')),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='profiles.profile')),
                ('search', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='matches', to='sourcing.savedsearch')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Shortlist',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=80)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shortlists', to='profiles.client')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('format', models.CharField(choices=[('xlsx', 'Excel (XLSX)'), ('csv', 'CSV')], max_length=10)),
                ('query', models.TextField(blank=True, max_length=2000)),
                ('filters', models.JSONField(default=dict, verbose_name='what was searched for')),
                ('searched_for', models.TextField(blank=True, verbose_name='filters as the page called them')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'In progress'), ('done', 'Ready'), ('failed', 'Failed')], default='waiting', max_length=10)),
                ('touched_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('submission', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('profiles_done', models.PositiveIntegerField(default=0)),
                ('profiles_found', models.PositiveIntegerField(default=0)),
                ('rows', models.PositiveIntegerField(default=0)),
                ('is_cut', models.BooleanField(default=False, verbose_name='holds the first rows only')),
                ('as_of', models.DateTimeField(null=True)),
                ('file', models.FileField(blank=True, storage=verification.models.document.private_storage, upload_to=sourcing.models.export.export_path)),
                ('records', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='profiles.client')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('shortlist', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='sourcing.shortlist')),
            ],
            options={
                'ordering': ['-asked_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='ShortlistEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('note', models.TextField(blank=True, max_length=1000)),
                ('note_version', models.PositiveIntegerField(default=0)),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('noted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('profile', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='profiles.profile')),
                ('shortlist', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='sourcing.shortlist')),
            ],
            options={
                'verbose_name_plural': 'shortlist entries',
                'ordering': ['-added_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='TalkInvitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120, verbose_name='subject')),
                ('text', models.TextField(max_length=3000, verbose_name='what you need')),
                ('budget', models.DecimalField(blank=True, decimal_places=0, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(9999999999)], verbose_name='estimated total budget (USD)')),
                ('answer_by', models.DateField(verbose_name='respond by')),
                ('sent_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('answer', models.CharField(blank=True, choices=[('accepted', 'Accepted'), ('declined', 'Declined')], max_length=10)),
                ('answered_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('submission', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='talk_invitations', to='profiles.client')),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='talk_invitations', to='profiles.profile')),
                ('sent_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'invitation to talk',
                'verbose_name_plural': 'invitations to talk',
                'ordering': ['-sent_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='TalkMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_from_client', models.BooleanField()),
                ('text', models.TextField(max_length=2000)),
                ('sent_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('submission', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invitation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='sourcing.talkinvitation')),
            ],
            options={
                'ordering': ['sent_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='TermsAcceptance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.CharField(max_length=20)),
                ('purpose', models.CharField(max_length=500, verbose_name='what you use it for')),
                ('accepted_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('accepted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='terms_acceptances', to='profiles.client')),
            ],
            options={
                'verbose_name': 'acceptance of terms',
                'verbose_name_plural': 'terms accepted',
                'ordering': ['-accepted_at', '-pk'],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='followedcertificate',
            trigger=pgtrigger.compiler.Trigger(name='listing_update', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE profiles bigint[];', func='\n                profiles := ARRAY(\n    SELECT DISTINCT certification.profile_id FROM new_rows JOIN old_rows USING (id)\n    JOIN certifications_certification AS certification ON certification.certificate_id = new_rows.id\n    WHERE new_rows.body_id <> old_rows.body_id\n);\n                IF cardinality(profiles) > 0 THEN\n                    PERFORM sourcing_refresh_certified(profiles);\n                END IF;\n                RETURN NULL;\n            ', hash='540fbfa7dc91c0e8809cb8da16b1532ecc0f8eec', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_listing_update_2a047', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='certifications_certificate', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='followedcertification',
            trigger=pgtrigger.compiler.Trigger(name='listing_insert', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE profiles bigint[];', func='\n                profiles := ARRAY(SELECT DISTINCT profile_id FROM new_rows);\n                IF cardinality(profiles) > 0 THEN\n                    PERFORM sourcing_refresh_certified(profiles);\n                END IF;\n                RETURN NULL;\n            ', hash='eaa6b27897ce6d779202afc2315e7679bba06421', level='STATEMENT', operation='INSERT', pgid='pgtrigger_listing_insert_979ed', referencing='REFERENCING NEW TABLE AS new_rows ', table='certifications_certification', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='followedcertification',
            trigger=pgtrigger.compiler.Trigger(name='listing_update', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE profiles bigint[];', func='\n                profiles := ARRAY(SELECT profile_id FROM new_rows UNION SELECT profile_id FROM old_rows);\n                IF cardinality(profiles) > 0 THEN\n                    PERFORM sourcing_refresh_certified(profiles);\n                END IF;\n                RETURN NULL;\n            ', hash='60dbce264a7fa9314673f03f101b82afd6d6f13c', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_listing_update_8f51c', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='certifications_certification', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='followedcertification',
            trigger=pgtrigger.compiler.Trigger(name='listing_delete', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE profiles bigint[];', func='\n                profiles := ARRAY(SELECT DISTINCT profile_id FROM old_rows);\n                IF cardinality(profiles) > 0 THEN\n                    PERFORM sourcing_refresh_certified(profiles);\n                END IF;\n                RETURN NULL;\n            ', hash='b14f5c522c1ca9e624336f6d1a5b57eb59cb6ced', level='STATEMENT', operation='DELETE', pgid='pgtrigger_listing_delete_d5500', referencing='REFERENCING OLD TABLE AS old_rows ', table='certifications_certification', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='followedconsent',
            trigger=pgtrigger.compiler.Trigger(name='listing_insert', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE profiles bigint[];', func='\n                profiles := ARRAY(SELECT DISTINCT profile_id FROM new_rows);\n                IF cardinality(profiles) > 0 THEN\n                    PERFORM sourcing_refresh_certified(profiles);\n                END IF;\n                RETURN NULL;\n            ', hash='f4a628283c0fddf5a8bd4c1b6ae12f477e77ba19', level='STATEMENT', operation='INSERT', pgid='pgtrigger_listing_insert_18438', referencing='REFERENCING NEW TABLE AS new_rows ', table='certifications_consent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='followedconsent',
            trigger=pgtrigger.compiler.Trigger(name='listing_update', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE profiles bigint[];', func='\n                profiles := ARRAY(SELECT profile_id FROM new_rows UNION SELECT profile_id FROM old_rows);\n                IF cardinality(profiles) > 0 THEN\n                    PERFORM sourcing_refresh_certified(profiles);\n                END IF;\n                RETURN NULL;\n            ', hash='edda12aa80f99e81e6f509cadc8e6b3375ad6634', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_listing_update_254b4', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='certifications_consent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='followedconsent',
            trigger=pgtrigger.compiler.Trigger(name='listing_delete', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE profiles bigint[];', func='\n                profiles := ARRAY(SELECT DISTINCT profile_id FROM old_rows);\n                IF cardinality(profiles) > 0 THEN\n                    PERFORM sourcing_refresh_certified(profiles);\n                END IF;\n                RETURN NULL;\n            ', hash='800d644b537e6ba97ad69b87b6fb8a5534195562', level='STATEMENT', operation='DELETE', pgid='pgtrigger_listing_delete_3b861', referencing='REFERENCING OLD TABLE AS old_rows ', table='certifications_consent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='followedevidence',
            trigger=pgtrigger.compiler.Trigger(name='listing_insert', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE profiles bigint[];', func='\n                profiles := ARRAY(\n    SELECT DISTINCT profile_id FROM certifications_certification\n    WHERE id = ANY(ARRAY(SELECT certification_id FROM new_rows))\n);\n                IF cardinality(profiles) > 0 THEN\n                    PERFORM sourcing_refresh_certified(profiles);\n                END IF;\n                RETURN NULL;\n            ', hash='887bcb80472d02f07bf829f419a7c09c65b5b656', level='STATEMENT', operation='INSERT', pgid='pgtrigger_listing_insert_51f17', referencing='REFERENCING NEW TABLE AS new_rows ', table='certifications_evidence', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='followedevidence',
            trigger=pgtrigger.compiler.Trigger(name='listing_update', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE profiles bigint[];', func='\n                profiles := ARRAY(\n    SELECT DISTINCT profile_id FROM certifications_certification\n    WHERE id = ANY(ARRAY(SELECT certification_id FROM new_rows))\n);\n                IF cardinality(profiles) > 0 THEN\n                    PERFORM sourcing_refresh_certified(profiles);\n                END IF;\n                RETURN NULL;\n            ', hash='36f1719af7758d69db3052f01be017cf7d12ad52', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_listing_update_483ea', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='certifications_evidence', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='followedevidence',
            trigger=pgtrigger.compiler.Trigger(name='listing_delete', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE profiles bigint[];', func='\n                profiles := ARRAY(\n    SELECT DISTINCT profile_id FROM certifications_certification\n    WHERE id = ANY(ARRAY(SELECT certification_id FROM old_rows))\n);\n                IF cardinality(profiles) > 0 THEN\n                    PERFORM sourcing_refresh_certified(profiles);\n                END IF;\n                RETURN NULL;\n            ', hash='f65980fc7e7dfb77b521ce73d7c449bca5c1b157', level='STATEMENT', operation='DELETE', pgid='pgtrigger_listing_delete_361b8', referencing='REFERENCING OLD TABLE AS old_rows ', table='certifications_evidence', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='followedprofile',
            trigger=pgtrigger.compiler.Trigger(name='listing_insert', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE profiles bigint[];', func='\n                profiles := ARRAY(SELECT id FROM new_rows);\n                IF cardinality(profiles) > 0 THEN\n                    PERFORM sourcing_refresh(profiles);\n                END IF;\n                RETURN NULL;\n            ', hash='41de6f0f03aa38b8d543863b3af8675f9566ad7c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_listing_insert_83f1f', referencing='REFERENCING NEW TABLE AS new_rows ', table='profiles_profile', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='followedprofile',
            trigger=pgtrigger.compiler.Trigger(name='listing_update', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE profiles bigint[];', func='\n                profiles := ARRAY(SELECT id FROM new_rows);\n                IF cardinality(profiles) > 0 THEN\n                    PERFORM sourcing_refresh(profiles);\n                END IF;\n                RETURN NULL;\n            ', hash='8f2b945f2412ace40a39fa45b75ce58f8db7ebcd', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_listing_update_4b467', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='profiles_profile', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='savedsearch',
            constraint=models.UniqueConstraint(models.F('client'), models.F('user'), django.db.models.functions.text.Lower('name'), condition=models.Q(('removed_at', None)), name='saved_search_name_once', violation_error_message='You already have a saved search with this name'),
        ),
        migrations.AddConstraint(
            model_name='savedmatch',
            constraint=models.UniqueConstraint(fields=('search', 'profile'), name='saved_match_once'),
        ),
        migrations.AddConstraint(
            model_name='shortlist',
            constraint=models.UniqueConstraint(models.F('client'), django.db.models.functions.text.Lower('name'), condition=models.Q(('removed_at', None)), name='shortlist_name_once_a_client', violation_error_message='Your organization already has a shortlist with this name'),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(fields=['client', '-asked_at'], name='export_client'),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), ('as_of__isnull', False), _connector='OR'), name='export_done_as_of', violation_error_message='A file says as of when it is'),
        ),
        migrations.AddConstraint(
            model_name='shortlistentry',
            constraint=models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('shortlist', 'profile'), name='shortlist_entry_once', violation_error_message='It is already on this shortlist'),
        ),
        migrations.AddIndex(
            model_name='talkinvitation',
            index=models.Index(fields=['sent_at'], name='talk_sent'),
        ),
        migrations.AddConstraint(
            model_name='talkinvitation',
            constraint=models.UniqueConstraint(condition=models.Q(('answer', ''), ('withdrawn_at', None)), fields=('client', 'profile'), name='talk_open_once', violation_error_message='Your organization is already awaiting a response'),
        ),
        migrations.AddConstraint(
            model_name='talkinvitation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None)), models.Q(models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='talk_answer_complete', violation_error_message='An answer has its time'),
        ),
        migrations.AddConstraint(
            model_name='talkinvitation',
            constraint=models.CheckConstraint(condition=models.Q(('budget', None), ('budget__gte', 1), _connector='OR'), name='talk_budget_positive', violation_error_message='A budget is at least $1'),
        ),
        migrations.AddConstraint(
            model_name='talkmessage',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='talk_message_says_something', violation_error_message='Enter a message'),
        ),
        migrations.AddConstraint(
            model_name='termsacceptance',
            constraint=models.UniqueConstraint(fields=('client', 'version'), name='terms_accepted_once_a_version'),
        ),
        migrations.AddConstraint(
            model_name='termsacceptance',
            constraint=models.CheckConstraint(condition=models.Q(('purpose', ''), _negated=True), name='terms_accepted_for_a_purpose', violation_error_message='Say what you use it for'),
        ),
    ]
