import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
import verification.models.document
import verification.models.register
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('certifications', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RegisterEvidence',
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
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('causes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('document', 'New document'), ('match', 'Found in a register'), ('near', 'Near match in a register'), ('near_number', 'Listed in a register under a number that differs slightly'), ('contradiction', 'Contradicted by a register'), ('number', 'Same number on two profiles'), ('concern', 'A concern was reported'), ('corrected', 'Corrected after it was not accepted'), ('appeal', 'Appeal'), ('overdue', 'No answer by the date asked'), ('staff', 'Opened by staff')], max_length=20))),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('version', models.PositiveIntegerField(default=0)),
                ('statement', models.TextField(blank=True, max_length=2000, verbose_name='what the owner says')),
                ('outcome', models.CharField(blank=True, choices=[('raised', 'Verified'), ('kept', 'No change'), ('asked', 'Document requested'), ('lifted', 'Reinstated'), ('lowered', 'Set back to self-reported'), ('suspended', 'Suspended'), ('refused', 'Not accepted')], max_length=20)),
                ('step', models.PositiveSmallIntegerField(blank=True, choices=[(0, 'Self-reported'), (1, 'Document checked'), (2, 'Listed in a public directory'), (3, 'Confirmed by the certifier')], null=True, verbose_name='raised to')),
                ('reason', models.CharField(blank=True, choices=[('not_found', "The certifier doesn't list this certificate"), ('ended', 'The certifier ended or suspended this certificate'), ('mismatch', "The details don't match the certificate"), ('not_a_certificate', "What was entered isn't an ownership certificate"), ('not_holder', 'The certificate belongs to another business'), ('under_check', 'A concern was reported and is being checked')], max_length=20)),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='note to the owner')),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('answer_by', models.DateTimeField(blank=True, null=True)),
                ('stood', models.JSONField(default=dict, editable=False, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('appeals', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='appeal', to='verification.case', verbose_name='appeal against')),
                ('assigned_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cases', to='certifications.certification', verbose_name='record')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['opened_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('file', models.FileField(storage=verification.models.document.private_storage, upload_to=verification.models.document.document_path)),
                ('kind', models.CharField(choices=[('pdf', 'PDF'), ('png', 'PNG picture'), ('jpeg', 'JPEG picture')], max_length=10)),
                ('name', models.CharField(max_length=120, verbose_name='name of the file')),
                ('size', models.PositiveIntegerField(verbose_name='size in bytes')),
                ('pages', models.PositiveSmallIntegerField(default=1)),
                ('sha256', models.CharField(max_length=64)),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('reviewed_at', models.DateTimeField(blank=True, null=True)),
                ('is_kept', models.BooleanField(default=False, verbose_name='kept by the owner')),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='documents', to='certifications.certification', verbose_name='record')),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
                'permissions': [('read_document', 'Can read the documents that owners attach')],
            },
        ),
        migrations.CreateModel(
            name='DocumentEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('name', models.CharField(max_length=120, verbose_name='name of the file')),
                ('is_kept', models.BooleanField(default=False, verbose_name='kept by the owner')),
                ('certification', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='certifications.certification', verbose_name='record')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='verification.document')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Register',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(help_text='The name in commands, like maryland-mdot.', max_length=60, unique=True)),
                ('name', models.CharField(help_text='What owners and clients read, like Maryland MDOT MBE list.', max_length=120, unique=True)),
                ('agency', models.CharField(blank=True, help_text='If the certifier is “State or local agency”, which one it is, as owners would type it.', max_length=120)),
                ('is_trusted', models.BooleanField(default=False, help_text='If the number, the name and the date agree, the record is verified without a reviewer.', verbose_name='verify exact matches automatically')),
                ('columns', models.JSONField(blank=True, default=dict, editable=False)),
                ('codes', models.JSONField(blank=True, default=dict, editable=False)),
                ('body', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='registers', to='certifications.certifyingbody', verbose_name='certifier')),
                ('types', models.ManyToManyField(blank=True, help_text='Select the types that every row of this register has, whatever its codes say.', related_name='+', to='certifications.certificationtype')),
            ],
            options={
                'ordering': ['name', 'pk'],
                'permissions': [('import_register', 'Can load files of public registers')],
            },
        ),
        migrations.CreateModel(
            name='RegisterFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.FileField(blank=True, storage=verification.models.document.private_storage, upload_to=verification.models.register.register_path)),
                ('name', models.CharField(max_length=120, verbose_name='file name')),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.BigIntegerField(verbose_name='size in bytes')),
                ('as_of', models.DateField(help_text='The date on which the register had this content.', verbose_name='data as of')),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('found', models.JSONField(blank=True, default=dict)),
                ('mapping', models.JSONField(blank=True, default=dict)),
                ('state', models.CharField(choices=[('uploaded', 'Scanning'), ('ready', 'Needs column mapping'), ('loading', 'Loading'), ('stored', 'Ready to use'), ('loaded', 'In use'), ('replaced', 'Replaced by a newer file'), ('taken_back', 'Taken back'), ('discarded', 'Discarded'), ('failed', 'Failed')], default='uploaded', max_length=20)),
                ('error', models.CharField(blank=True, max_length=500, verbose_name='what is wrong with it')),
                ('share_read', models.FloatField(default=0, verbose_name='share read')),
                ('rows_read', models.PositiveIntegerField(default=0)),
                ('rows_stored', models.PositiveIntegerField(default=0)),
                ('rows_skipped', models.PositiveIntegerField(default=0)),
                ('rows_vanished', models.PositiveIntegerField(default=0, verbose_name='rows no longer listed')),
                ('comparison', models.JSONField(blank=True, default=dict)),
                ('report', models.FileField(blank=True, storage=verification.models.document.private_storage, upload_to=verification.models.register.register_path, verbose_name='skipped rows')),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('loaded_at', models.DateTimeField(blank=True, null=True, verbose_name='in use since')),
                ('taken_back_at', models.DateTimeField(blank=True, null=True)),
                ('matched_at', models.DateTimeField(blank=True, null=True, verbose_name='matched with what was reported')),
                ('before', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='verification.registerfile')),
                ('loaded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='put in use by')),
                ('register', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='verification.register')),
                ('taken_back_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='RegisterEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField()),
                ('name', models.TextField()),
                ('dba', models.TextField(blank=True, verbose_name='also known as')),
                ('number', models.TextField(blank=True)),
                ('identity', models.TextField()),
                ('words', django.contrib.postgres.fields.ArrayField(base_field=models.TextField())),
                ('types', django.contrib.postgres.fields.ArrayField(base_field=models.TextField())),
                ('codes', models.TextField(blank=True)),
                ('status', models.TextField(blank=True)),
                ('certified_on', models.DateField(null=True)),
                ('expires_on', models.DateField(null=True)),
                ('unread_day', models.TextField(blank=True, verbose_name='last day, as printed')),
                ('file', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='verification.registerfile')),
            ],
            options={
                'ordering': ['line'],
            },
        ),
        migrations.CreateModel(
            name='RegisterEnding',
            fields=[
                ('evidence', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='ending', serialize=False, to='certifications.evidence')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='endings', to='verification.registerfile')),
            ],
            options={
                'verbose_name': "end of evidence by a register's file",
                'verbose_name_plural': "ends of evidence by a register's file",
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='register',
            name='current',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='current_of', to='verification.registerfile'),
        ),
        migrations.CreateModel(
            name='CommonWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.TextField()),
                ('rows', models.PositiveIntegerField()),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='common_words', to='verification.registerfile')),
            ],
        ),
        migrations.CreateModel(
            name='RegisterMatch',
            fields=[
                ('evidence', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='match', serialize=False, to='certifications.evidence')),
                ('listed_as', models.TextField(help_text='Its identity in every file of the register.', verbose_name='row of the register')),
                ('file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='verification.registerfile')),
                ('register', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='verification.register')),
            ],
            options={
                'verbose_name': 'match in a register',
                'verbose_name_plural': 'matches in registers',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='RegisterNews',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('was_listed', models.BooleanField()),
                ('due_at', models.DateTimeField()),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='certifications.certification')),
                ('register', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='verification.register')),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registerevidence',
            trigger=pgtrigger.compiler.Trigger(name='register_evidence_has_its_match', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."step" = 2)', constraint='CONSTRAINT', func="\n        IF NOT (NOT EXISTS (SELECT FROM certifications_evidence WHERE id = NEW.id)\n                    OR EXISTS (SELECT FROM verification_registermatch WHERE evidence_id = NEW.id)\n                ) THEN\n            RAISE EXCEPTION 'A match in a register names the register and its row.' USING ERRCODE = 'check_violation';\n        END IF;\n        RETURN NEW;\n    ", hash='829f959af0cde4d9d003f9d22c54f2e520e92b2b', operation='INSERT', pgid='pgtrigger_register_evidence_has_its_match_efe4b', table='certifications_evidence', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('decided_at', None)), fields=['opened_at'], name='case_waiting'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.UniqueConstraint(condition=models.Q(('decided_at', None)), fields=('certification',), name='case_open_once_a_record', violation_error_message='This record has an open case already'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('causes__len__gte', 1)), name='case_has_a_cause', violation_error_message='A case has a cause'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('outcome', '')), models.Q(('decided_at__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='case_decided_with_an_outcome', violation_error_message='A decided case has an outcome and a time'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome__in', ['refused', 'suspended']), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='case_against_has_a_reason', violation_error_message='A decision against a record gives its reason'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'raised'), ('step__gte', 1), ('step__isnull', False)), models.Q(models.Q(('outcome', 'raised'), _negated=True), ('step', None)), _connector='OR'), name='case_raised_to_a_step', violation_error_message='Raising names the step'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('decided_at', None), ('decided_at__gte', models.F('opened_at')), _connector='OR'), name='case_decided_after_it_was_opened', violation_error_message='A case is decided after it was opened'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='case',
            trigger=pgtrigger.compiler.Trigger(name='case_decided_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."decided_at" IS NOT NULL AND OLD."decided_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='98af0cfd9f06d1cf16c38a895b5a9f0ccdc2c2cb', operation='UPDATE', pgid='pgtrigger_case_decided_stays_8047b', table='verification_case', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.UniqueConstraint(fields=('certification', 'sha256'), name='document_once_a_record', violation_error_message="You've already attached this file"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='document',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "verification_documentevent" ("certification_id", "is_kept", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."certification_id", NEW."is_kept", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='7215c1f4722bceaef3cea80334afa7ef16f7ccce', operation='INSERT', pgid='pgtrigger_insert_insert_30b6e', table='verification_document', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='document',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."certification_id" IS DISTINCT FROM (NEW."certification_id") OR OLD."is_kept" IS DISTINCT FROM (NEW."is_kept") OR OLD."name" IS DISTINCT FROM (NEW."name"))', func='INSERT INTO "verification_documentevent" ("certification_id", "is_kept", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."certification_id", NEW."is_kept", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='48fb2db8c053a8f925dece93a2a540b3a5c9919c', operation='UPDATE', pgid='pgtrigger_update_update_48113', table='verification_document', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='document',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "verification_documentevent" ("certification_id", "is_kept", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."certification_id", OLD."is_kept", OLD."name", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;', hash='66f1dd7aae6267b79f8b0b2e6e0182959f052f07', operation='DELETE', pgid='pgtrigger_delete_delete_3d7e3', table='verification_document', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='registerfile',
            constraint=models.CheckConstraint(condition=models.Q(('rows_read', django.db.models.expressions.CombinedExpression(models.F('rows_stored'), '+', models.F('rows_skipped')))), name='register_file_counts_add_up', violation_error_message='Every row read is stored or left out'),
        ),
        migrations.AddConstraint(
            model_name='registerfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'failed'), _negated=True), models.Q(('error', ''), _negated=True), _connector='OR'), name='register_file_failed_says_why', violation_error_message='A file that could not be loaded says why'),
        ),
        migrations.AddConstraint(
            model_name='registerfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'taken_back'), _negated=True), models.Q(('loaded_at__isnull', False), ('taken_back_at__isnull', False)), _connector='OR'), name='register_file_taken_back_at_a_time', violation_error_message='A file that was taken back says when'),
        ),
        migrations.AddIndex(
            model_name='registerentry',
            index=models.Index(fields=['file', 'identity'], name='entry_identity'),
        ),
        migrations.AddIndex(
            model_name='registerentry',
            index=django.contrib.postgres.indexes.GinIndex(fields=['words'], name='entry_words'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registerending',
            trigger=pgtrigger.compiler.Trigger(name='register_ending_is_of_ended_evidence', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF NOT (EXISTS (\n                    SELECT FROM certifications_evidence WHERE id = NEW.evidence_id\n                    AND ended_because IN ('vanished', 'replaced')\n                )) THEN\n            RAISE EXCEPTION 'A file ends evidence by no longer listing it, or by newer evidence.' USING ERRCODE = 'check_violation';\n        END IF;\n        RETURN NEW;\n    ", hash='5d6242264991c6331f27c7e023644f471b96d9ec', operation='INSERT OR UPDATE', pgid='pgtrigger_register_ending_is_of_ended_evidence_e41e0', table='verification_registerending', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='commonword',
            constraint=models.UniqueConstraint(fields=('file', 'word'), name='common_word_once_a_file'),
        ),
        migrations.AddIndex(
            model_name='registermatch',
            index=models.Index(fields=['register', 'listed_as'], name='register_match_listed'),
        ),
        migrations.AddConstraint(
            model_name='registermatch',
            constraint=models.CheckConstraint(condition=models.Q(('listed_as', ''), _negated=True), name='register_match_names_its_row', violation_error_message='A match names the row of the register'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registermatch',
            trigger=pgtrigger.compiler.Trigger(name='register_match_stays_as_written', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='9a010d150319b6afe6fce73d58513efca089b1b6', operation='UPDATE', pgid='pgtrigger_register_match_stays_as_written_6ede5', table='verification_registermatch', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registermatch',
            trigger=pgtrigger.compiler.Trigger(name='register_match_is_of_that_step', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF NOT (EXISTS (SELECT FROM certifications_evidence WHERE id = NEW.evidence_id AND step = 2)) THEN\n            RAISE EXCEPTION 'Only a match in a register rests on a row of one.' USING ERRCODE = 'check_violation';\n        END IF;\n        RETURN NEW;\n    ", hash='50ef827668d8892738ecd8a78e22839251dfa346', operation='INSERT', pgid='pgtrigger_register_match_is_of_that_step_fc768', table='verification_registermatch', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='registernews',
            constraint=models.UniqueConstraint(fields=('certification', 'register'), name='register_news_once'),
        ),
    ]
