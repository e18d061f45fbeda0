import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('profiles', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Certificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(help_text="A fixed name for this row. It can't be changed later.", max_length=80, unique=True)),
                ('seeded', models.JSONField(blank=True, editable=False, null=True)),
                ('valid_from', models.DateField(blank=True, null=True)),
                ('valid_to', models.DateField(blank=True, help_text='The last day on which someone can add it.', null=True)),
                ('acronym', models.CharField(blank=True, max_length=20)),
                ('name', models.CharField(max_length=120)),
                ('names_body', models.BooleanField(default=False, help_text='For a certifier like “State or local agency”.', verbose_name="asks for the certifier's name")),
                ('term_months', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='usual term (months)')),
                ('may_not_expire', models.BooleanField(default=False, verbose_name='some do not expire')),
                ('renewal_lead_days', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, default=list)),
                ('keywords', models.CharField(blank=True, help_text='Other words by which people search for it.', max_length=300)),
                ('number_hint', models.CharField(blank=True, help_text='A sentence on where the number is or how it often looks. Never a rule.', max_length=120)),
                ('position', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ['position', 'acronym', 'name', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CertificationType',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(help_text="A fixed name for this row. It can't be changed later.", max_length=80, unique=True)),
                ('seeded', models.JSONField(blank=True, editable=False, null=True)),
                ('name', models.CharField(help_text='As on the badge, like “Woman-owned”.', max_length=60, unique=True)),
                ('description', models.CharField(blank=True, max_length=300)),
                ('icon', models.SlugField(default='building', help_text='The name of the symbol on the badge, like building.', max_length=30)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('is_offered', models.BooleanField(default=True, verbose_name='offered for new records')),
            ],
            options={
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ErasureCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True)),
                ('count', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'day of deletions by owners',
                'verbose_name_plural': 'data deleted by owners',
                'ordering': ['-day'],
            },
        ),
        migrations.CreateModel(
            name='PublicNumbers',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('as_of', models.DateField(unique=True)),
                ('numbers', models.JSONField()),
            ],
            options={
                'ordering': ['-as_of'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Block',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('blocked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='+', to='profiles.client')),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='certification_blocks', to='profiles.profile')),
            ],
            options={
                'verbose_name': 'blocked client',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='BlockEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('blocked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='profiles.client')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='certifications.block')),
                ('profile', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='profiles.profile')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Certification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('other_name', models.CharField(blank=True, max_length=120, verbose_name='name of the certificate')),
                ('other_body', models.CharField(blank=True, max_length=120, verbose_name='name of the certifier')),
                ('legal_business_name', models.CharField(max_length=160)),
                ('number', models.CharField(max_length=60, verbose_name='certificate number')),
                ('issued_on', models.DateField(blank=True, null=True, verbose_name='issue date')),
                ('expires_on', models.DateField(blank=True, null=True, verbose_name='expiration date')),
                ('does_not_expire', models.BooleanField(default=False, verbose_name='it does not expire')),
                ('attestation', models.CharField(max_length=20)),
                ('attested_at', models.DateTimeField()),
                ('agreed_plans', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('basic', 'Basic'), ('plus', 'Plus'), ('business', 'Business'), ('enterprise', 'Enterprise')], max_length=20), verbose_name='clients agreed to')),
                ('self_reported_at', models.DateTimeField(verbose_name='self-reported at')),
                ('audience', models.CharField(choices=[('eligible', 'All clients on the agreed plans'), ('enterprise', 'Enterprise clients only'), ('named', 'Only clients I choose'), ('nobody', 'No one (only me)')], default='eligible', max_length=20, verbose_name='who can see it')),
                ('hidden_at', models.DateTimeField(blank=True, null=True)),
                ('hidden_until', models.DateField(blank=True, null=True, verbose_name='shown again on')),
                ('renewal_filed_on', models.DateField(blank=True, null=True, verbose_name='renewal filed on')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('standing', models.CharField(choices=[('good', 'In good standing'), ('suspended', 'Suspended'), ('refused', 'Not accepted')], default='good', max_length=20)),
                ('standing_reason', models.CharField(blank=True, choices=[('not_found', "The certifier doesn't list this certificate"), ('ended', 'The certifier ended or suspended this certificate'), ('mismatch', "The details don't match the certificate"), ('not_a_certificate', "What was entered isn't an ownership certificate"), ('not_holder', 'The certificate belongs to another business'), ('under_check', 'A concern was reported and is being checked')], max_length=20, verbose_name='reason')),
                ('standing_note', models.CharField(blank=True, max_length=500, verbose_name='note to the owner')),
                ('standing_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                ('submission', models.UUIDField(editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('details_changed_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('number_key', models.GeneratedField(db_persist=True, expression=models.Func(models.Func(models.Func(django.db.models.functions.text.Upper(models.Func(models.Func(models.Func(models.F('number'), output_field=models.TextField(), template='normalize(%(expressions)s, NFKD)'), models.Value('АВЕКМНОРСТХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧавекмнорстхіјѕαβεζηικμνορτυχ٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹߀߁߂߃߄߅߆߇߈߉०१२३४५६७८९০১২৩৪৫৬৭৮৯੦੧੨੩੪੫੬੭੮੯૦૧૨૩૪૫૬૭૮૯୦୧୨୩୪୫୬୭୮୯௦௧௨௩௪௫௬௭௮௯౦౧౨౩౪౫౬౭౮౯೦೧೨೩೪೫೬೭೮೯൦൧൨൩൪൫൬൭൮൯෦෧෨෩෪෫෬෭෮෯๐๑๒๓๔๕๖๗๘๙໐໑໒໓໔໕໖໗໘໙༠༡༢༣༤༥༦༧༨༩၀၁၂၃၄၅၆၇၈၉႐႑႒႓႔႕႖႗႘႙០១២៣៤៥៦៧៨៩᠐᠑᠒᠓᠔᠕᠖᠗᠘᠙᥆᥇᥈᥉᥊᥋᥌᥍᥎᥏᧐᧑᧒᧓᧔᧕᧖᧗᧘᧙᪀᪁᪂᪃᪄᪅᪆᪇᪈᪉᪐᪑᪒᪓᪔᪕᪖᪗᪘᪙᭐᭑᭒᭓᭔᭕᭖᭗᭘᭙᮰᮱᮲᮳᮴᮵᮶᮷᮸᮹᱀᱁᱂᱃᱄᱅᱆᱇᱈᱉᱐᱑᱒᱓᱔᱕᱖᱗᱘᱙꘠꘡꘢꘣꘤꘥꘦꘧꘨꘩꣐꣑꣒꣓꣔꣕꣖꣗꣘꣙꤀꤁꤂꤃꤄꤅꤆꤇꤈꤉꧐꧑꧒꧓꧔꧕꧖꧗꧘꧙꧰꧱꧲꧳꧴꧵꧶꧷꧸꧹꩐꩑꩒꩓꩔꩕꩖꩗꩘꩙꯰꯱꯲꯳꯴꯵꯶꯷꯸꯹'), models.Value('ABEKMHOPCTXIJSABEZHIKMNOPTYXABEKMHOPCTXIJSABEZHIKMNOPTYX01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789'), function='translate', output_field=models.TextField()), models.Value('[^ -~°]'), models.Value(''), models.Value('g'), function='regexp_replace', output_field=models.TextField())), models.Value('(?<![A-Z0-9])(CERTIFICATIONS?|CERTIFICATES?|CERTIFICADO|CERTIFICACION|CERT(?:ID|NO|NUM|NUMBER)?|NUMBER|NUMERO|NUM|NBR|NOS?|N[.]O|NR|N°|IDENTIFICATION|IDENTIFIER|ID|I[.]D|REFERENCE|REFERENCIA|REF|REGISTRATION|REGISTRO|REG|LICENSE|LICENCE|LICENCIA|LIC|PERMIT|VENDOR|SUPPLIER|ACCOUNT|ACCT|FILE|MEMBERSHIP|MEMBER|CONTROL|TRACKING|APPLICATION|DOCUMENT|SERIAL|CASE|CODE|UEI|CAGE|DUNS)(?![A-Z])([.]? (DEL?|OF) (?=(?:CERTIFICATIONS?|CERTIFICATES?|CERTIFICADO|CERTIFICACION|CERT(?:ID|NO|NUM|NUMBER)?|NUMBER|NUMERO|NUM|NBR|NOS?|N[.]O|NR|N°|IDENTIFICATION|IDENTIFIER|ID|I[.]D|REFERENCE|REFERENCIA|REF|REGISTRATION|REGISTRO|REG|LICENSE|LICENCE|LICENCIA|LIC|PERMIT|VENDOR|SUPPLIER|ACCOUNT|ACCT|FILE|MEMBERSHIP|MEMBER|CONTROL|TRACKING|APPLICATION|DOCUMENT|SERIAL|CASE|CODE|UEI|CAGE|DUNS)(?![A-Z]))|[ .:#]* (?:IS|ES)(?=[ :]|$))?'), models.Value(' '), models.Value('g'), function='regexp_replace', output_field=models.TextField()), models.Value('[^A-Z0-9]'), models.Value(''), models.Value('g'), function='regexp_replace', output_field=models.TextField()), models.Value('(^|[A-Z])0+'), models.Value('\\1'), models.Value('g'), function='regexp_replace', output_field=models.TextField()), output_field=models.TextField())),
                ('body_key', models.GeneratedField(db_persist=True, expression=models.Func(django.db.models.functions.text.Upper(models.Func(models.F('other_body'), models.Value('[^[:alnum:]]'), models.Value(''), models.Value('g'), function='regexp_replace', output_field=models.TextField())), models.Value('0'), function='ltrim', output_field=models.TextField()), output_field=models.TextField())),
                ('attested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('certificate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certifications', to='certifications.certificate')),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='certifications', to='profiles.profile')),
                ('standing_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certifications', to='certifications.certificationtype')),
            ],
            options={
                'ordering': ['-pk'],
                'permissions': [('decide_certification', 'Can suspend, refuse and lift certifications')],
            },
        ),
        migrations.CreateModel(
            name='CertificationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('other_name', models.CharField(blank=True, max_length=120, verbose_name='name of the certificate')),
                ('other_body', models.CharField(blank=True, max_length=120, verbose_name='name of the certifier')),
                ('legal_business_name', models.CharField(max_length=160)),
                ('number', models.CharField(max_length=60, verbose_name='certificate number')),
                ('issued_on', models.DateField(blank=True, null=True, verbose_name='issue date')),
                ('expires_on', models.DateField(blank=True, null=True, verbose_name='expiration date')),
                ('does_not_expire', models.BooleanField(default=False, verbose_name='it does not expire')),
                ('attestation', models.CharField(max_length=20)),
                ('attested_at', models.DateTimeField()),
                ('agreed_plans', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('basic', 'Basic'), ('plus', 'Plus'), ('business', 'Business'), ('enterprise', 'Enterprise')], max_length=20), verbose_name='clients agreed to')),
                ('self_reported_at', models.DateTimeField(verbose_name='self-reported at')),
                ('audience', models.CharField(choices=[('eligible', 'All clients on the agreed plans'), ('enterprise', 'Enterprise clients only'), ('named', 'Only clients I choose'), ('nobody', 'No one (only me)')], default='eligible', max_length=20, verbose_name='who can see it')),
                ('hidden_at', models.DateTimeField(blank=True, null=True)),
                ('hidden_until', models.DateField(blank=True, null=True, verbose_name='shown again on')),
                ('renewal_filed_on', models.DateField(blank=True, null=True, verbose_name='renewal filed on')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('standing', models.CharField(choices=[('good', 'In good standing'), ('suspended', 'Suspended'), ('refused', 'Not accepted')], default='good', max_length=20)),
                ('standing_reason', models.CharField(blank=True, choices=[('not_found', "The certifier doesn't list this certificate"), ('ended', 'The certifier ended or suspended this certificate'), ('mismatch', "The details don't match the certificate"), ('not_a_certificate', "What was entered isn't an ownership certificate"), ('not_holder', 'The certificate belongs to another business'), ('under_check', 'A concern was reported and is being checked')], max_length=20, verbose_name='reason')),
                ('standing_note', models.CharField(blank=True, max_length=500, verbose_name='note to the owner')),
                ('standing_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                ('submission', models.UUIDField(editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('attested_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('certificate', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='certifications.certificate')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='certifications.certification')),
                ('profile', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='profiles.profile')),
                ('standing_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('type', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='certifications.certificationtype')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='certificate',
            name='type',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='certifications.certificationtype'),
        ),
        migrations.CreateModel(
            name='CertifyingBody',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(help_text="A fixed name for this row. It can't be changed later.", max_length=80, unique=True)),
                ('seeded', models.JSONField(blank=True, editable=False, null=True)),
                ('valid_from', models.DateField(blank=True, null=True)),
                ('valid_to', models.DateField(blank=True, help_text='The last day on which someone can add it.', null=True)),
                ('name', models.CharField(max_length=120, unique=True)),
                ('short_name', models.CharField(blank=True, max_length=30)),
                ('kind', models.CharField(choices=[('federal', 'Federal agency'), ('national', 'National certifier'), ('state', 'State or local agency'), ('other', 'A different certifying organization')], default='national', max_length=20)),
                ('website', models.URLField(blank=True)),
                ('register_url', models.URLField(blank=True, verbose_name='public directory')),
                ('keywords', models.CharField(blank=True, help_text='Other words by which people search for it.', max_length=300)),
            ],
            options={
                'verbose_name': 'certifier',
                'ordering': ['name', 'pk'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_from', None), ('valid_to', None), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='certifyingbody_validity_in_order', violation_error_message='The last valid day cannot be before the first')],
            },
        ),
        migrations.AddField(
            model_name='certificate',
            name='body',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='certifications.certifyingbody', verbose_name='certifier'),
        ),
        migrations.CreateModel(
            name='ClientView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('surface', models.CharField(choices=[('page', 'On your profile'), ('search', 'In a search'), ('shortlist', 'On a list of theirs'), ('export', 'In a file'), ('api', 'In a system of theirs')], max_length=10)),
                ('day', models.DateField()),
                ('filters', models.JSONField(default=dict)),
                ('readers', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField())),
                ('count', models.GeneratedField(db_persist=True, expression=models.Func('readers', function='cardinality'), output_field=models.IntegerField())),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='+', to='profiles.client')),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='certification_views', to='profiles.profile')),
            ],
            options={
                'verbose_name': 'view by a client',
                'verbose_name_plural': 'views by clients',
                'ordering': ['-day', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Concern',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('false', "Something shown isn't true"), ('not_theirs', 'The certificate belongs to another business'), ('discrimination', 'Someone uses it to treat people unfairly'), ('other', 'Something else')], max_length=20, verbose_name='what it is about')),
                ('text', models.TextField(max_length=2000, verbose_name='in your words')),
                ('reported_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('outcome', models.CharField(blank=True, choices=[('acted', 'We found a reason to act, and did'), ('unfounded', 'We looked into it and found no reason to act'), ('elsewhere', 'Someone else has to decide this, and we told you who')], max_length=20)),
                ('outcome_note', models.CharField(blank=True, max_length=500, verbose_name='note to the reporter')),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('certification', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='concerns', to='certifications.certification', verbose_name='record')),
                ('client', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='profiles.client')),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='concerns', to='profiles.profile')),
                ('reporter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-reported_at', '-pk'],
                'permissions': [('close_concern', 'Can close concerns')],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('show', 'Show certifications on my profile'), ('find', 'Let clients find me by certification'), ('count', 'Include me in diversity-spend reports'), ('members', 'Let members of this agency see its certifications')], max_length=10)),
                ('is_given', models.BooleanField(verbose_name='agreed')),
                ('version', models.CharField(max_length=20, verbose_name='version of the text')),
                ('plans', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('basic', 'Basic'), ('plus', 'Plus'), ('business', 'Business'), ('enterprise', 'Enterprise')], max_length=20), verbose_name='clients agreed to')),
                ('declined_version', models.CharField(blank=True, max_length=20, verbose_name='declined version of the text')),
                ('declined_plans', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('basic', 'Basic'), ('plus', 'Plus'), ('business', 'Business'), ('enterprise', 'Enterprise')], max_length=20), default=list, verbose_name='clients declined')),
                ('decided_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='profiles.profile')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='ConsentEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('purpose', models.CharField(choices=[('show', 'Show certifications on my profile'), ('find', 'Let clients find me by certification'), ('count', 'Include me in diversity-spend reports'), ('members', 'Let members of this agency see its certifications')], max_length=10)),
                ('is_given', models.BooleanField(verbose_name='agreed')),
                ('version', models.CharField(max_length=20, verbose_name='version of the text')),
                ('plans', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('basic', 'Basic'), ('plus', 'Plus'), ('business', 'Business'), ('enterprise', 'Enterprise')], max_length=20), verbose_name='clients agreed to')),
                ('declined_version', models.CharField(blank=True, max_length=20, verbose_name='declined version of the text')),
                ('declined_plans', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('basic', 'Basic'), ('plus', 'Plus'), ('business', 'Business'), ('enterprise', 'Enterprise')], max_length=20), default=list, verbose_name='clients declined')),
                ('decided_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='certifications.consent')),
                ('profile', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='profiles.profile')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CountryInterest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('country', models.CharField(max_length=2)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('profile', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='country_interest', to='profiles.profile')),
            ],
            options={
                'verbose_name': 'interest from another country',
                'verbose_name_plural': 'interest from other countries',
                'ordering': ['country', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='DigestSubscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='digest_subscriptions', to='profiles.profile')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'weekly email',
            },
        ),
        migrations.CreateModel(
            name='Disclosure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answer', models.CharField(choices=[('never_asked', 'Not answered'), ('disclosed', 'Disclosed'), ('prefers_not_to_say', "I don't want to disclose this information"), ('not_applicable', 'This is not applicable to me')], default='never_asked', max_length=20)),
                ('answered_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('profile', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='disclosure', to='profiles.profile')),
            ],
            options={
                'verbose_name': 'answer about certification',
                'verbose_name_plural': 'answers about certification',
            },
        ),
        migrations.CreateModel(
            name='DisclosureEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('answer', models.CharField(choices=[('never_asked', 'Not answered'), ('disclosed', 'Disclosed'), ('prefers_not_to_say', "I don't want to disclose this information"), ('not_applicable', 'This is not applicable to me')], default='never_asked', max_length=20)),
                ('answered_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('answered_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='certifications.disclosure')),
                ('profile', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='profiles.profile')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.PositiveSmallIntegerField(choices=[(1, 'Document checked'), (2, 'Listed in a public directory'), (3, 'Confirmed by the certifier')], verbose_name='verification level')),
                ('source', models.CharField(max_length=300)),
                ('evidence_on', models.DateField(verbose_name='date of the evidence')),
                ('holds_until', models.DateField(blank=True, null=True, verbose_name='holds until')),
                ('reported_at', models.DateTimeField(editable=False, verbose_name='evidence of the report of')),
                ('certified_until', models.DateField(blank=True, editable=False, null=True, verbose_name='evidence of the last day')),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_because', models.CharField(blank=True, choices=[('vanished', "The register's newest file no longer lists it"), ('replaced', 'Newer evidence took its place'), ('withdrawn', 'Taken back by the marketplace'), ('file_withdrawn', "The register's file was wrong and was taken back")], max_length=20)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='checked by')),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='evidence', to='certifications.certification')),
            ],
            options={
                'verbose_name_plural': 'evidence',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Fact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(help_text="A fixed name for this row. It can't be changed later.", max_length=80, unique=True)),
                ('seeded', models.JSONField(blank=True, editable=False, null=True)),
                ('topic', models.CharField(choices=[('who', "Who it's for"), ('how', 'How to get it'), ('cost', 'Cost'), ('term', "How long it's valid"), ('renewal', 'How to renew'), ('register', 'Where to look it up'), ('number', 'Certificate number'), ('note', 'Good to know')], max_length=20)),
                ('text', models.CharField(max_length=500)),
                ('source', models.CharField(blank=True, help_text='The page that says so. Empty: “Ask the certifier”.', max_length=300)),
                ('checked_on', models.DateField(blank=True, null=True)),
                ('body', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='facts', to='certifications.certifyingbody', verbose_name='certifier')),
                ('certificate', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='facts', to='certifications.certificate')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='NamedClient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('named_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='named_clients', to='certifications.certification')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='profiles.client')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='NamedClientEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('named_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('certification', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='certifications.certification')),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='profiles.client')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='certifications.namedclient')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Pause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('paused_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('until', models.DateField(blank=True, null=True, verbose_name='shown again on')),
                ('profile', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='certification_pause', to='profiles.profile')),
            ],
        ),
        migrations.CreateModel(
            name='PauseEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('paused_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('until', models.DateField(blank=True, null=True, verbose_name='shown again on')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='certifications.pause')),
                ('profile', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='profiles.profile')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ReminderStop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reminder_stops', to='certifications.certification')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'reminders turned off',
                'verbose_name_plural': 'reminders turned off',
            },
        ),
        migrations.CreateModel(
            name='SentMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=120, unique=True)),
                ('sent_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='+', to='profiles.profile')),
            ],
            options={
                'verbose_name': 'email sent',
                'verbose_name_plural': 'emails sent',
            },
        ),
        migrations.CreateModel(
            name='StaffRead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('page', models.CharField(max_length=200)),
                ('read_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='staff_reads', to='certifications.certification')),
                ('staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'record viewed by staff',
                'verbose_name_plural': 'records viewed by staff',
                'ordering': ['-read_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='UnusedType',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('set_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='unused_types', to='profiles.client')),
                ('type', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='certifications.certificationtype')),
            ],
            options={
                'verbose_name': 'type turned off by a client',
                'verbose_name_plural': 'types turned off by clients',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='UnusedTypeEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('set_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='profiles.client')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='certifications.unusedtype')),
                ('type', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='certifications.certificationtype')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='UsBusiness',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stated_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('profile', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='us_business', to='profiles.profile')),
                ('stated_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'statement that the business is registered in the U.S.',
                'verbose_name_plural': 'statements that the business is registered in the U.S.',
            },
        ),
        migrations.CreateModel(
            name='UsBusinessEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('stated_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='certifications.usbusiness')),
                ('profile', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='profiles.profile')),
                ('stated_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='block',
            constraint=models.UniqueConstraint(fields=('profile', 'client'), name='block_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='block',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "certifications_blockevent" ("blocked_at", "client_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile_id") VALUES (NEW."blocked_at", NEW."client_id", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."profile_id"); RETURN NULL;', hash='20dca751e9c831e510d3fb71e37294a91acad5f3', operation='INSERT', pgid='pgtrigger_insert_insert_463a5', table='certifications_block', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='block',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "certifications_blockevent" ("blocked_at", "client_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile_id") VALUES (OLD."blocked_at", OLD."client_id", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."profile_id"); RETURN NULL;', hash='bbcd92428c2db8bbe3fa004321fa24a1c0f0febd', operation='DELETE', pgid='pgtrigger_delete_delete_50001', table='certifications_block', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='certification',
            index=models.Index(fields=['certificate', 'number_key'], name='certification_number'),
        ),
        migrations.AddIndex(
            model_name='certification',
            index=models.Index(condition=models.Q(('withdrawn_at', None)), fields=['expires_on'], name='certification_expiry'),
        ),
        migrations.AddIndex(
            model_name='certification',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.search.SearchVector(models.Func(models.F('legal_business_name'), function='searched_words', output_field=models.TextField()), config='simple'), name='certification_legal_name'),
        ),
        migrations.AddConstraint(
            model_name='certification',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('profile', 'certificate', 'body_key', 'number_key'), name='certification_once_a_profile', violation_error_message='You have already added this certification'),
        ),
        migrations.AddConstraint(
            model_name='certification',
            constraint=models.UniqueConstraint(fields=('submission', 'type'), name='certification_once_a_submission'),
        ),
        migrations.AddConstraint(
            model_name='certification',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('does_not_expire', True), ('expires_on', None)), models.Q(('does_not_expire', False), ('expires_on__isnull', False)), _connector='OR'), name='certification_expires_or_not', violation_error_message='Enter the date it expires, or say that it does not expire'),
        ),
        migrations.AddConstraint(
            model_name='certification',
            constraint=models.CheckConstraint(condition=models.Q(('hidden_until', None), ('hidden_at__isnull', False), _connector='OR'), name='certification_hidden_until_a_day', violation_error_message='Only a hidden certification has a day on which it shows again'),
        ),
        migrations.AddConstraint(
            model_name='certification',
            constraint=models.CheckConstraint(condition=models.Q(('renewal_filed_on', None), ('does_not_expire', False), _connector='OR'), name='certification_renewed_only_if_it_expires', violation_error_message='What does not expire is not renewed'),
        ),
        migrations.AddConstraint(
            model_name='certification',
            constraint=models.CheckConstraint(condition=models.Q(('issued_on', None), ('expires_on', None), ('issued_on__lte', models.F('expires_on')), _connector='OR'), name='certification_issued_before_it_expires', violation_error_message='It cannot expire before it was issued'),
        ),
        migrations.AddConstraint(
            model_name='certification',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('legal_business_name', ''), _negated=True), models.Q(('number', ''), _negated=True)), name='certification_names_business_and_number', violation_error_message='A certification has a legal business name and a number'),
        ),
        migrations.AddConstraint(
            model_name='certification',
            constraint=models.CheckConstraint(condition=models.Q(('attestation', ''), _negated=True), name='certification_attested', violation_error_message='A certification is attested by its owner'),
        ),
        migrations.AddConstraint(
            model_name='certification',
            constraint=models.CheckConstraint(condition=models.Q(('standing', 'good'), models.Q(('standing__in', ['suspended', 'refused']), ('standing_at__isnull', False), models.Q(('standing_reason', ''), _negated=True)), _connector='OR'), name='certification_standing_explained', violation_error_message='A suspended or refused certification has a reason and a time'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='certification',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "certifications_certificationevent" ("agreed_plans", "attestation", "attested_at", "attested_by_id", "audience", "certificate_id", "created_at", "does_not_expire", "expires_on", "hidden_at", "hidden_until", "id", "issued_on", "legal_business_name", "number", "other_body", "other_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile_id", "renewal_filed_on", "self_reported_at", "standing", "standing_at", "standing_by_id", "standing_note", "standing_reason", "submission", "type_id", "updated_at", "withdrawn_at") VALUES (NEW."agreed_plans", NEW."attestation", NEW."attested_at", NEW."attested_by_id", NEW."audience", NEW."certificate_id", NEW."created_at", NEW."does_not_expire", NEW."expires_on", NEW."hidden_at", NEW."hidden_until", NEW."id", NEW."issued_on", NEW."legal_business_name", NEW."number", NEW."other_body", NEW."other_name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."profile_id", NEW."renewal_filed_on", NEW."self_reported_at", NEW."standing", NEW."standing_at", NEW."standing_by_id", NEW."standing_note", NEW."standing_reason", NEW."submission", NEW."type_id", NEW."updated_at", NEW."withdrawn_at"); RETURN NULL;', hash='c8335a45eb51b8a27d843451f1d867dd9195cfe3', operation='INSERT', pgid='pgtrigger_insert_insert_fb1f5', table='certifications_certification', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='certification',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."agreed_plans" IS DISTINCT FROM (NEW."agreed_plans") OR OLD."attestation" IS DISTINCT FROM (NEW."attestation") OR OLD."attested_at" IS DISTINCT FROM (NEW."attested_at") OR OLD."attested_by_id" IS DISTINCT FROM (NEW."attested_by_id") OR OLD."audience" IS DISTINCT FROM (NEW."audience") OR OLD."certificate_id" IS DISTINCT FROM (NEW."certificate_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."does_not_expire" IS DISTINCT FROM (NEW."does_not_expire") OR OLD."expires_on" IS DISTINCT FROM (NEW."expires_on") OR OLD."hidden_at" IS DISTINCT FROM (NEW."hidden_at") OR OLD."hidden_until" IS DISTINCT FROM (NEW."hidden_until") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."issued_on" IS DISTINCT FROM (NEW."issued_on") OR OLD."legal_business_name" IS DISTINCT FROM (NEW."legal_business_name") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."other_body" IS DISTINCT FROM (NEW."other_body") OR OLD."other_name" IS DISTINCT FROM (NEW."other_name") OR OLD."profile_id" IS DISTINCT FROM (NEW."profile_id") OR OLD."renewal_filed_on" IS DISTINCT FROM (NEW."renewal_filed_on") OR OLD."self_reported_at" IS DISTINCT FROM (NEW."self_reported_at") OR OLD."standing" IS DISTINCT FROM (NEW."standing") OR OLD."standing_at" IS DISTINCT FROM (NEW."standing_at") OR OLD."standing_by_id" IS DISTINCT FROM (NEW."standing_by_id") OR OLD."standing_note" IS DISTINCT FROM (NEW."standing_note") OR OLD."standing_reason" IS DISTINCT FROM (NEW."standing_reason") OR OLD."submission" IS DISTINCT FROM (NEW."submission") OR OLD."type_id" IS DISTINCT FROM (NEW."type_id") OR OLD."updated_at" IS DISTINCT FROM (NEW."updated_at") OR OLD."withdrawn_at" IS DISTINCT FROM (NEW."withdrawn_at"))', func='INSERT INTO "certifications_certificationevent" ("agreed_plans", "attestation", "attested_at", "attested_by_id", "audience", "certificate_id", "created_at", "does_not_expire", "expires_on", "hidden_at", "hidden_until", "id", "issued_on", "legal_business_name", "number", "other_body", "other_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile_id", "renewal_filed_on", "self_reported_at", "standing", "standing_at", "standing_by_id", "standing_note", "standing_reason", "submission", "type_id", "updated_at", "withdrawn_at") VALUES (NEW."agreed_plans", NEW."attestation", NEW."attested_at", NEW."attested_by_id", NEW."audience", NEW."certificate_id", NEW."created_at", NEW."does_not_expire", NEW."expires_on", NEW."hidden_at", NEW."hidden_until", NEW."id", NEW."issued_on", NEW."legal_business_name", NEW."number", NEW."other_body", NEW."other_name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."profile_id", NEW."renewal_filed_on", NEW."self_reported_at", NEW."standing", NEW."standing_at", NEW."standing_by_id", NEW."standing_note", NEW."standing_reason", NEW."submission", NEW."type_id", NEW."updated_at", NEW."withdrawn_at"); RETURN NULL;', hash='cd36a4c5c0bab280572712f52c04d597df8776cc', operation='UPDATE', pgid='pgtrigger_update_update_6ddd1', table='certifications_certification', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='certification',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "certifications_certificationevent" ("agreed_plans", "attestation", "attested_at", "attested_by_id", "audience", "certificate_id", "created_at", "does_not_expire", "expires_on", "hidden_at", "hidden_until", "id", "issued_on", "legal_business_name", "number", "other_body", "other_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile_id", "renewal_filed_on", "self_reported_at", "standing", "standing_at", "standing_by_id", "standing_note", "standing_reason", "submission", "type_id", "updated_at", "withdrawn_at") VALUES (OLD."agreed_plans", OLD."attestation", OLD."attested_at", OLD."attested_by_id", OLD."audience", OLD."certificate_id", OLD."created_at", OLD."does_not_expire", OLD."expires_on", OLD."hidden_at", OLD."hidden_until", OLD."id", OLD."issued_on", OLD."legal_business_name", OLD."number", OLD."other_body", OLD."other_name", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."profile_id", OLD."renewal_filed_on", OLD."self_reported_at", OLD."standing", OLD."standing_at", OLD."standing_by_id", OLD."standing_note", OLD."standing_reason", OLD."submission", OLD."type_id", OLD."updated_at", OLD."withdrawn_at"); RETURN NULL;', hash='84609d9dc032eef2a81b8774b41d14fc2f9755b5', operation='DELETE', pgid='pgtrigger_delete_delete_04777', table='certifications_certification', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='certificate',
            constraint=models.CheckConstraint(condition=models.Q(('valid_from', None), ('valid_to', None), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='certificate_validity_in_order', violation_error_message='The last valid day cannot be before the first'),
        ),
        migrations.AddIndex(
            model_name='clientview',
            index=models.Index(fields=['day'], name='client_view_day'),
        ),
        migrations.AddConstraint(
            model_name='clientview',
            constraint=models.UniqueConstraint(fields=('profile', 'client', 'surface', 'day'), name='client_view_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='clientview',
            constraint=models.CheckConstraint(condition=models.Q(('readers__len__gte', 1)), name='client_view_by_someone', violation_error_message='A view is by someone'),
        ),
        migrations.AddConstraint(
            model_name='concern',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('outcome', '')), models.Q(models.Q(('outcome', ''), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='concern_closed_with_an_outcome', violation_error_message='A closed concern has an outcome and a time'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.UniqueConstraint(fields=('profile', 'purpose'), name='consent_once_a_purpose'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "certifications_consentevent" ("decided_at", "decided_by_id", "declined_plans", "declined_version", "id", "is_given", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plans", "profile_id", "purpose", "version") VALUES (NEW."decided_at", NEW."decided_by_id", NEW."declined_plans", NEW."declined_version", NEW."id", NEW."is_given", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."plans", NEW."profile_id", NEW."purpose", NEW."version"); RETURN NULL;', hash='8c08bbe0f5f0feedbfb62d6271418c525b54a8e9', operation='INSERT', pgid='pgtrigger_insert_insert_51a39', table='certifications_consent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "certifications_consentevent" ("decided_at", "decided_by_id", "declined_plans", "declined_version", "id", "is_given", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plans", "profile_id", "purpose", "version") VALUES (NEW."decided_at", NEW."decided_by_id", NEW."declined_plans", NEW."declined_version", NEW."id", NEW."is_given", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."plans", NEW."profile_id", NEW."purpose", NEW."version"); RETURN NULL;', hash='2e32434fff0ac166a2ca8d5d82f07a819bfe3836', operation='UPDATE', pgid='pgtrigger_update_update_92089', table='certifications_consent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "certifications_consentevent" ("decided_at", "decided_by_id", "declined_plans", "declined_version", "id", "is_given", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plans", "profile_id", "purpose", "version") VALUES (OLD."decided_at", OLD."decided_by_id", OLD."declined_plans", OLD."declined_version", OLD."id", OLD."is_given", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."plans", OLD."profile_id", OLD."purpose", OLD."version"); RETURN NULL;', hash='9f63b9f5e0a1071f2e5138b1f4fcc34c9b2d76c8', operation='DELETE', pgid='pgtrigger_delete_delete_09003', table='certifications_consent', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='digestsubscription',
            constraint=models.UniqueConstraint(fields=('profile', 'user'), name='digest_subscription_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='disclosure',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "certifications_disclosureevent" ("answer", "answered_at", "answered_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile_id") VALUES (NEW."answer", NEW."answered_at", NEW."answered_by_id", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."profile_id"); RETURN NULL;', hash='365fc01ce2bc931dcf655df074422b7661cc79e1', operation='INSERT', pgid='pgtrigger_insert_insert_06784', table='certifications_disclosure', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='disclosure',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "certifications_disclosureevent" ("answer", "answered_at", "answered_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile_id") VALUES (NEW."answer", NEW."answered_at", NEW."answered_by_id", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."profile_id"); RETURN NULL;', hash='f131a0191f061b1b893e08cbfce6809e4bdf9470', operation='UPDATE', pgid='pgtrigger_update_update_efe40', table='certifications_disclosure', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='disclosure',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "certifications_disclosureevent" ("answer", "answered_at", "answered_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile_id") VALUES (OLD."answer", OLD."answered_at", OLD."answered_by_id", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."profile_id"); RETURN NULL;', hash='799ee03e2f082b20f27a50a7b79209e0cba6b01f', operation='DELETE', pgid='pgtrigger_delete_delete_81bfb', table='certifications_disclosure', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(('step__in', [1, 2, 3])), name='evidence_above_self_reported', violation_error_message='What an owner reports is no evidence of itself'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='evidence_has_a_source', violation_error_message='Evidence has a source'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(('holds_until', None), ('holds_until__gte', models.F('evidence_on')), _connector='OR'), name='evidence_holds_from_its_day', violation_error_message='Evidence cannot end before its own day'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_because', '')), models.Q(('ended_at__isnull', False), models.Q(('ended_because', ''), _negated=True)), _connector='OR'), name='evidence_ended_for_a_reason', violation_error_message='Ended evidence says why it ended'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='evidence',
            trigger=pgtrigger.compiler.Trigger(name='evidence_stays_as_written', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."step" IS DISTINCT FROM (NEW."step") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."evidence_on" IS DISTINCT FROM (NEW."evidence_on") OR OLD."holds_until" IS DISTINCT FROM (NEW."holds_until") OR OLD."reported_at" IS DISTINCT FROM (NEW."reported_at") OR OLD."certified_until" IS DISTINCT FROM (NEW."certified_until"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='2d3e91334566abe8f573aadead9f1cc256449bd2', operation='UPDATE', pgid='pgtrigger_evidence_stays_as_written_41fdd', table='certifications_evidence', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='evidence',
            trigger=pgtrigger.compiler.Trigger(name='evidence_not_before_the_certificate', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF NOT (NOT EXISTS (\n                    SELECT FROM certifications_certification\n                    WHERE id = NEW.certification_id AND issued_on > NEW.evidence_on\n                )) THEN\n            RAISE EXCEPTION 'Evidence is older than the certificate.' USING ERRCODE = 'check_violation';\n        END IF;\n        RETURN NEW;\n    ", hash='3240661629217699d9dc4e2dcafaacc7218639e5', operation='INSERT', pgid='pgtrigger_evidence_not_before_the_certificate_58966', table='certifications_evidence', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='fact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('body', None), ('certificate__isnull', False)), models.Q(('body__isnull', False), ('certificate', None)), _connector='OR'), name='fact_about_one_thing', violation_error_message='A fact is about a body or about a certificate'),
        ),
        migrations.AddConstraint(
            model_name='namedclient',
            constraint=models.UniqueConstraint(fields=('certification', 'client'), name='named_client_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='namedclient',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "certifications_namedclientevent" ("certification_id", "client_id", "id", "named_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."certification_id", NEW."client_id", NEW."id", NEW."named_at", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='c9d8b20104a604de9031ac30c30477274a133484', operation='INSERT', pgid='pgtrigger_insert_insert_6e315', table='certifications_namedclient', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='namedclient',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "certifications_namedclientevent" ("certification_id", "client_id", "id", "named_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."certification_id", OLD."client_id", OLD."id", OLD."named_at", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;', hash='9c1b443596ea3ab1ccb82eb3d48f21729999cd64', operation='DELETE', pgid='pgtrigger_delete_delete_ff020', table='certifications_namedclient', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pause',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "certifications_pauseevent" ("id", "paused_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile_id", "until") VALUES (NEW."id", NEW."paused_at", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."profile_id", NEW."until"); RETURN NULL;', hash='0ea7edff28f7c42f08bce148424d43f1dc5e7a66', operation='INSERT', pgid='pgtrigger_insert_insert_a3542', table='certifications_pause', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pause',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "certifications_pauseevent" ("id", "paused_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile_id", "until") VALUES (NEW."id", NEW."paused_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."profile_id", NEW."until"); RETURN NULL;', hash='1c60e01c28c69f483f297528b8378e51de87feb5', operation='UPDATE', pgid='pgtrigger_update_update_f2572', table='certifications_pause', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pause',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "certifications_pauseevent" ("id", "paused_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile_id", "until") VALUES (OLD."id", OLD."paused_at", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."profile_id", OLD."until"); RETURN NULL;', hash='f73d23ec4368d12c6f26f4f9eca4fcc10f29fd92', operation='DELETE', pgid='pgtrigger_delete_delete_a739c', table='certifications_pause', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='reminderstop',
            constraint=models.UniqueConstraint(fields=('certification', 'user'), name='reminder_stop_once'),
        ),
        migrations.AddConstraint(
            model_name='unusedtype',
            constraint=models.UniqueConstraint(fields=('client', 'type'), name='unused_type_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='unusedtype',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "certifications_unusedtypeevent" ("client_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "set_at", "type_id") VALUES (NEW."client_id", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."set_at", NEW."type_id"); RETURN NULL;', hash='c2c400a0f6872ff72cc5df41463bcec6bdd1a363', operation='INSERT', pgid='pgtrigger_insert_insert_7f1cc', table='certifications_unusedtype', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='unusedtype',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "certifications_unusedtypeevent" ("client_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "set_at", "type_id") VALUES (OLD."client_id", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."set_at", OLD."type_id"); RETURN NULL;', hash='532d59699342612a2f58552a3dcddd63f559993d', operation='DELETE', pgid='pgtrigger_delete_delete_615db', table='certifications_unusedtype', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='usbusiness',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "certifications_usbusinessevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile_id", "stated_at", "stated_by_id") VALUES (NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."profile_id", NEW."stated_at", NEW."stated_by_id"); RETURN NULL;', hash='ec29461b7fdd3a059ad915bad8efb027d24ca3bd', operation='INSERT', pgid='pgtrigger_insert_insert_53476', table='certifications_usbusiness', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='usbusiness',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "certifications_usbusinessevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile_id", "stated_at", "stated_by_id") VALUES (OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."profile_id", OLD."stated_at", OLD."stated_by_id"); RETURN NULL;', hash='7d8f66f3c3327139cbc2e7347d0ce0b7cde1f548', operation='DELETE', pgid='pgtrigger_delete_delete_f4655', table='certifications_usbusiness', when='AFTER')),
        ),
    ]
