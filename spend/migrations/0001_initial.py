import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import spend.models.pack
import spend.models.rules
import uuid
import verification.models.document
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('certifications', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('profiles', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReportedPayment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('business', models.PositiveIntegerField(null=True)),
                ('quarter', models.DateField(verbose_name='first day of its quarter')),
                ('kind', models.CharField(choices=[('work', 'Work'), ('bonus', 'Bonus'), ('expense', 'Reimbursed expense'), ('platform_fee', 'Platform fee'), ('tax', 'Tax'), ('refund', 'Refund'), ('chargeback', 'Chargeback'), ('adjustment', 'Adjustment')], max_length=20)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14)),
                ('currency', models.CharField(choices=[('AED', 'AED'), ('AFN', 'AFN'), ('ALL', 'ALL'), ('AMD', 'AMD'), ('AOA', 'AOA'), ('ARS', 'ARS'), ('AUD', 'AUD'), ('AWG', 'AWG'), ('AZN', 'AZN'), ('BAM', 'BAM'), ('BBD', 'BBD'), ('BDT', 'BDT'), ('BHD', 'BHD'), ('BIF', 'BIF'), ('BMD', 'BMD'), ('BND', 'BND'), ('BOB', 'BOB'), ('BRL', 'BRL'), ('BSD', 'BSD'), ('BTN', 'BTN'), ('BWP', 'BWP'), ('BYN', 'BYN'), ('BZD', 'BZD'), ('CAD', 'CAD'), ('CDF', 'CDF'), ('CHF', 'CHF'), ('CLP', 'CLP'), ('CNY', 'CNY'), ('COP', 'COP'), ('CRC', 'CRC'), ('CUP', 'CUP'), ('CVE', 'CVE'), ('CZK', 'CZK'), ('DJF', 'DJF'), ('DKK', 'DKK'), ('DOP', 'DOP'), ('DZD', 'DZD'), ('EGP', 'EGP'), ('ERN', 'ERN'), ('ETB', 'ETB'), ('EUR', 'EUR'), ('FJD', 'FJD'), ('FKP', 'FKP'), ('GBP', 'GBP'), ('GEL', 'GEL'), ('GHS', 'GHS'), ('GIP', 'GIP'), ('GMD', 'GMD'), ('GNF', 'GNF'), ('GTQ', 'GTQ'), ('GYD', 'GYD'), ('HKD', 'HKD'), ('HNL', 'HNL'), ('HTG', 'HTG'), ('HUF', 'HUF'), ('IDR', 'IDR'), ('ILS', 'ILS'), ('INR', 'INR'), ('IQD', 'IQD'), ('IRR', 'IRR'), ('ISK', 'ISK'), ('JMD', 'JMD'), ('JOD', 'JOD'), ('JPY', 'JPY'), ('KES', 'KES'), ('KGS', 'KGS'), ('KHR', 'KHR'), ('KMF', 'KMF'), ('KPW', 'KPW'), ('KRW', 'KRW'), ('KWD', 'KWD'), ('KYD', 'KYD'), ('KZT', 'KZT'), ('LAK', 'LAK'), ('LBP', 'LBP'), ('LKR', 'LKR'), ('LRD', 'LRD'), ('LSL', 'LSL'), ('LYD', 'LYD'), ('MAD', 'MAD'), ('MDL', 'MDL'), ('MGA', 'MGA'), ('MKD', 'MKD'), ('MMK', 'MMK'), ('MNT', 'MNT'), ('MOP', 'MOP'), ('MRU', 'MRU'), ('MUR', 'MUR'), ('MVR', 'MVR'), ('MWK', 'MWK'), ('MXN', 'MXN'), ('MYR', 'MYR'), ('MZN', 'MZN'), ('NAD', 'NAD'), ('NGN', 'NGN'), ('NIO', 'NIO'), ('NOK', 'NOK'), ('NPR', 'NPR'), ('NZD', 'NZD'), ('OMR', 'OMR'), ('PAB', 'PAB'), ('PEN', 'PEN'), ('PGK', 'PGK'), ('PHP', 'PHP'), ('PKR', 'PKR'), ('PLN', 'PLN'), ('PYG', 'PYG'), ('QAR', 'QAR'), ('RON', 'RON'), ('RSD', 'RSD'), ('RUB', 'RUB'), ('RWF', 'RWF'), ('SAR', 'SAR'), ('SBD', 'SBD'), ('SCR', 'SCR'), ('SDG', 'SDG'), ('SEK', 'SEK'), ('SGD', 'SGD'), ('SHP', 'SHP'), ('SLE', 'SLE'), ('SOS', 'SOS'), ('SRD', 'SRD'), ('SSP', 'SSP'), ('STN', 'STN'), ('SVC', 'SVC'), ('SYP', 'SYP'), ('SZL', 'SZL'), ('THB', 'THB'), ('TJS', 'TJS'), ('TMT', 'TMT'), ('TND', 'TND'), ('TOP', 'TOP'), ('TRY', 'TRY'), ('TTD', 'TTD'), ('TWD', 'TWD'), ('TZS', 'TZS'), ('UAH', 'UAH'), ('UGX', 'UGX'), ('USD', 'USD'), ('UYU', 'UYU'), ('UZS', 'UZS'), ('VED', 'VED'), ('VES', 'VES'), ('VND', 'VND'), ('VUV', 'VUV'), ('WST', 'WST'), ('XAF', 'XAF'), ('XCD', 'XCD'), ('XCG', 'XCG'), ('XOF', 'XOF'), ('XPF', 'XPF'), ('YER', 'YER'), ('ZAR', 'ZAR'), ('ZMW', 'ZMW'), ('ZWG', 'ZWG')], max_length=3)),
                ('types', django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(max_length=80))),
                ('level', models.PositiveSmallIntegerField(choices=[(0, 'Self-reported'), (1, 'Document checked'), (2, 'Listed in a public directory'), (3, 'Confirmed by the certifier')], null=True, verbose_name='verification level')),
                ('reason', models.CharField(blank=True, choices=[('other_currency', "It wasn't settled in the currency of the rules"), ('unknown_payment', "It refers to a payment that isn't in the ledger"), ('excluded_kind', "This kind of payment isn't in the base"), ('fee_or_tax', 'Fees and taxes never count'), ('no_certificate', 'The business has no certification that may be counted'), ('type_not_accepted', "The rules don't accept this type"), ('body_not_accepted', "The rules don't accept this certifier"), ('not_yet_certified', 'The certificate was issued later, or has no issue date and was reported later'), ('expired', 'The certificate had expired'), ('self_reported', "The rules don't accept self-reported certifications"), ('step_too_low', 'The verification level is lower than the rules accept')], max_length=30)),
            ],
            options={
                'ordering': ['report', 'position'],
            },
        ),
        migrations.CreateModel(
            name='Disputed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=80, verbose_name='number of the payment')),
                ('disputed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('disputed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.DB_SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='+', to='profiles.profile')),
            ],
            options={
                'verbose_name': 'disputed payment',
                'ordering': ['-disputed_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='DisputedEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('external_id', models.CharField(max_length=80, verbose_name='number of the payment')),
                ('disputed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('disputed_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='spend.disputed')),
                ('profile', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='profiles.profile')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Goal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fiscal_year', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(2000), django.core.validators.MaxValueValidator(2100)])),
                ('amount', models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True)),
                ('percent', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ('set_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='spend_goals', to='profiles.client')),
                ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.DB_SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('type', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.DB_CASCADE, related_name='+', to='certifications.certificationtype')),
            ],
            options={
                'verbose_name': 'spend goal',
                'ordering': ['-fiscal_year', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='IssuedReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('draft', models.UUIDField(unique=True, verbose_name='draft that it was')),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('cutoff', models.DateTimeField()),
                ('signer_name', models.CharField(max_length=120)),
                ('signer_title', models.CharField(max_length=120)),
                ('statement', models.CharField(max_length=300, verbose_name='what the signer confirmed')),
                ('rules', models.JSONField()),
                ('type_names', models.JSONField(verbose_name='accepted types in order: key and name')),
                ('addressable', models.DecimalField(decimal_places=2, max_digits=16, null=True, verbose_name='addressable spend')),
                ('addressable_note', models.TextField(blank=True)),
                ('digest', models.CharField(max_length=64, verbose_name='SHA-256 of the rows')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason why it replaces a report')),
                ('changes', models.JSONField(null=True, verbose_name='sums of what changed')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='issued_reports', to='profiles.client')),
                ('issued_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.DB_SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('replaces', models.OneToOneField(null=True, on_delete=django.db.models.deletion.DB_CASCADE, related_name='replaced_by', to='spend.issuedreport')),
            ],
            options={
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='AuditPack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'In progress'), ('done', 'Ready'), ('failed', 'Failed')], default='waiting', max_length=10)),
                ('touched_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('rows_done', models.PositiveIntegerField(default=0)),
                ('rows_found', models.PositiveIntegerField(default=0)),
                ('file', models.FileField(blank=True, storage=verification.models.document.private_storage, upload_to=spend.models.pack.pack_path)),
                ('report', models.OneToOneField(on_delete=django.db.models.deletion.DB_CASCADE, related_name='pack', to='spend.issuedreport')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='PaymentFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('added', models.PositiveIntegerField(default=0, verbose_name='rows added')),
                ('corrected', models.PositiveIntegerField(default=0, verbose_name='rows corrected')),
                ('unchanged', models.PositiveIntegerField(default=0, verbose_name='rows unchanged')),
                ('refused', models.PositiveIntegerField(default=0, verbose_name='rows skipped')),
                ('notes', models.JSONField(default=list)),
                ('problems', models.JSONField(default=list)),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.DB_SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'payment file',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=80, verbose_name="number in the marketplace's books")),
                ('version', models.PositiveIntegerField(default=1)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('replaced_at', models.DateTimeField(blank=True, null=True)),
                ('paid_on', models.DateField()),
                ('kind', models.CharField(choices=[('work', 'Work'), ('bonus', 'Bonus'), ('expense', 'Reimbursed expense'), ('platform_fee', 'Platform fee'), ('tax', 'Tax'), ('refund', 'Refund'), ('chargeback', 'Chargeback'), ('adjustment', 'Adjustment')], max_length=20)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14)),
                ('currency', models.CharField(choices=[('AED', 'AED'), ('AFN', 'AFN'), ('ALL', 'ALL'), ('AMD', 'AMD'), ('AOA', 'AOA'), ('ARS', 'ARS'), ('AUD', 'AUD'), ('AWG', 'AWG'), ('AZN', 'AZN'), ('BAM', 'BAM'), ('BBD', 'BBD'), ('BDT', 'BDT'), ('BHD', 'BHD'), ('BIF', 'BIF'), ('BMD', 'BMD'), ('BND', 'BND'), ('BOB', 'BOB'), ('BRL', 'BRL'), ('BSD', 'BSD'), ('BTN', 'BTN'), ('BWP', 'BWP'), ('BYN', 'BYN'), ('BZD', 'BZD'), ('CAD', 'CAD'), ('CDF', 'CDF'), ('CHF', 'CHF'), ('CLP', 'CLP'), ('CNY', 'CNY'), ('COP', 'COP'), ('CRC', 'CRC'), ('CUP', 'CUP'), ('CVE', 'CVE'), ('CZK', 'CZK'), ('DJF', 'DJF'), ('DKK', 'DKK'), ('DOP', 'DOP'), ('DZD', 'DZD'), ('EGP', 'EGP'), ('ERN', 'ERN'), ('ETB', 'ETB'), ('EUR', 'EUR'), ('FJD', 'FJD'), ('FKP', 'FKP'), ('GBP', 'GBP'), ('GEL', 'GEL'), ('GHS', 'GHS'), ('GIP', 'GIP'), ('GMD', 'GMD'), ('GNF', 'GNF'), ('GTQ', 'GTQ'), ('GYD', 'GYD'), ('HKD', 'HKD'), ('HNL', 'HNL'), ('HTG', 'HTG'), ('HUF', 'HUF'), ('IDR', 'IDR'), ('ILS', 'ILS'), ('INR', 'INR'), ('IQD', 'IQD'), ('IRR', 'IRR'), ('ISK', 'ISK'), ('JMD', 'JMD'), ('JOD', 'JOD'), ('JPY', 'JPY'), ('KES', 'KES'), ('KGS', 'KGS'), ('KHR', 'KHR'), ('KMF', 'KMF'), ('KPW', 'KPW'), ('KRW', 'KRW'), ('KWD', 'KWD'), ('KYD', 'KYD'), ('KZT', 'KZT'), ('LAK', 'LAK'), ('LBP', 'LBP'), ('LKR', 'LKR'), ('LRD', 'LRD'), ('LSL', 'LSL'), ('LYD', 'LYD'), ('MAD', 'MAD'), ('MDL', 'MDL'), ('MGA', 'MGA'), ('MKD', 'MKD'), ('MMK', 'MMK'), ('MNT', 'MNT'), ('MOP', 'MOP'), ('MRU', 'MRU'), ('MUR', 'MUR'), ('MVR', 'MVR'), ('MWK', 'MWK'), ('MXN', 'MXN'), ('MYR', 'MYR'), ('MZN', 'MZN'), ('NAD', 'NAD'), ('NGN', 'NGN'), ('NIO', 'NIO'), ('NOK', 'NOK'), ('NPR', 'NPR'), ('NZD', 'NZD'), ('OMR', 'OMR'), ('PAB', 'PAB'), ('PEN', 'PEN'), ('PGK', 'PGK'), ('PHP', 'PHP'), ('PKR', 'PKR'), ('PLN', 'PLN'), ('PYG', 'PYG'), ('QAR', 'QAR'), ('RON', 'RON'), ('RSD', 'RSD'), ('RUB', 'RUB'), ('RWF', 'RWF'), ('SAR', 'SAR'), ('SBD', 'SBD'), ('SCR', 'SCR'), ('SDG', 'SDG'), ('SEK', 'SEK'), ('SGD', 'SGD'), ('SHP', 'SHP'), ('SLE', 'SLE'), ('SOS', 'SOS'), ('SRD', 'SRD'), ('SSP', 'SSP'), ('STN', 'STN'), ('SVC', 'SVC'), ('SYP', 'SYP'), ('SZL', 'SZL'), ('THB', 'THB'), ('TJS', 'TJS'), ('TMT', 'TMT'), ('TND', 'TND'), ('TOP', 'TOP'), ('TRY', 'TRY'), ('TTD', 'TTD'), ('TWD', 'TWD'), ('TZS', 'TZS'), ('UAH', 'UAH'), ('UGX', 'UGX'), ('USD', 'USD'), ('UYU', 'UYU'), ('UZS', 'UZS'), ('VED', 'VED'), ('VES', 'VES'), ('VND', 'VND'), ('VUV', 'VUV'), ('WST', 'WST'), ('XAF', 'XAF'), ('XCD', 'XCD'), ('XCG', 'XCG'), ('XOF', 'XOF'), ('XPF', 'XPF'), ('YER', 'YER'), ('ZAR', 'ZAR'), ('ZMW', 'ZMW'), ('ZWG', 'ZWG')], max_length=3)),
                ('settled_amount', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ('settled_currency', models.CharField(blank=True, choices=[('AED', 'AED'), ('AFN', 'AFN'), ('ALL', 'ALL'), ('AMD', 'AMD'), ('AOA', 'AOA'), ('ARS', 'ARS'), ('AUD', 'AUD'), ('AWG', 'AWG'), ('AZN', 'AZN'), ('BAM', 'BAM'), ('BBD', 'BBD'), ('BDT', 'BDT'), ('BHD', 'BHD'), ('BIF', 'BIF'), ('BMD', 'BMD'), ('BND', 'BND'), ('BOB', 'BOB'), ('BRL', 'BRL'), ('BSD', 'BSD'), ('BTN', 'BTN'), ('BWP', 'BWP'), ('BYN', 'BYN'), ('BZD', 'BZD'), ('CAD', 'CAD'), ('CDF', 'CDF'), ('CHF', 'CHF'), ('CLP', 'CLP'), ('CNY', 'CNY'), ('COP', 'COP'), ('CRC', 'CRC'), ('CUP', 'CUP'), ('CVE', 'CVE'), ('CZK', 'CZK'), ('DJF', 'DJF'), ('DKK', 'DKK'), ('DOP', 'DOP'), ('DZD', 'DZD'), ('EGP', 'EGP'), ('ERN', 'ERN'), ('ETB', 'ETB'), ('EUR', 'EUR'), ('FJD', 'FJD'), ('FKP', 'FKP'), ('GBP', 'GBP'), ('GEL', 'GEL'), ('GHS', 'GHS'), ('GIP', 'GIP'), ('GMD', 'GMD'), ('GNF', 'GNF'), ('GTQ', 'GTQ'), ('GYD', 'GYD'), ('HKD', 'HKD'), ('HNL', 'HNL'), ('HTG', 'HTG'), ('HUF', 'HUF'), ('IDR', 'IDR'), ('ILS', 'ILS'), ('INR', 'INR'), ('IQD', 'IQD'), ('IRR', 'IRR'), ('ISK', 'ISK'), ('JMD', 'JMD'), ('JOD', 'JOD'), ('JPY', 'JPY'), ('KES', 'KES'), ('KGS', 'KGS'), ('KHR', 'KHR'), ('KMF', 'KMF'), ('KPW', 'KPW'), ('KRW', 'KRW'), ('KWD', 'KWD'), ('KYD', 'KYD'), ('KZT', 'KZT'), ('LAK', 'LAK'), ('LBP', 'LBP'), ('LKR', 'LKR'), ('LRD', 'LRD'), ('LSL', 'LSL'), ('LYD', 'LYD'), ('MAD', 'MAD'), ('MDL', 'MDL'), ('MGA', 'MGA'), ('MKD', 'MKD'), ('MMK', 'MMK'), ('MNT', 'MNT'), ('MOP', 'MOP'), ('MRU', 'MRU'), ('MUR', 'MUR'), ('MVR', 'MVR'), ('MWK', 'MWK'), ('MXN', 'MXN'), ('MYR', 'MYR'), ('MZN', 'MZN'), ('NAD', 'NAD'), ('NGN', 'NGN'), ('NIO', 'NIO'), ('NOK', 'NOK'), ('NPR', 'NPR'), ('NZD', 'NZD'), ('OMR', 'OMR'), ('PAB', 'PAB'), ('PEN', 'PEN'), ('PGK', 'PGK'), ('PHP', 'PHP'), ('PKR', 'PKR'), ('PLN', 'PLN'), ('PYG', 'PYG'), ('QAR', 'QAR'), ('RON', 'RON'), ('RSD', 'RSD'), ('RUB', 'RUB'), ('RWF', 'RWF'), ('SAR', 'SAR'), ('SBD', 'SBD'), ('SCR', 'SCR'), ('SDG', 'SDG'), ('SEK', 'SEK'), ('SGD', 'SGD'), ('SHP', 'SHP'), ('SLE', 'SLE'), ('SOS', 'SOS'), ('SRD', 'SRD'), ('SSP', 'SSP'), ('STN', 'STN'), ('SVC', 'SVC'), ('SYP', 'SYP'), ('SZL', 'SZL'), ('THB', 'THB'), ('TJS', 'TJS'), ('TMT', 'TMT'), ('TND', 'TND'), ('TOP', 'TOP'), ('TRY', 'TRY'), ('TTD', 'TTD'), ('TWD', 'TWD'), ('TZS', 'TZS'), ('UAH', 'UAH'), ('UGX', 'UGX'), ('USD', 'USD'), ('UYU', 'UYU'), ('UZS', 'UZS'), ('VED', 'VED'), ('VES', 'VES'), ('VND', 'VND'), ('VUV', 'VUV'), ('WST', 'WST'), ('XAF', 'XAF'), ('XCD', 'XCD'), ('XCG', 'XCG'), ('XOF', 'XOF'), ('XPF', 'XPF'), ('YER', 'YER'), ('ZAR', 'ZAR'), ('ZMW', 'ZMW'), ('ZWG', 'ZWG')], max_length=3)),
                ('refers_to', models.CharField(blank=True, max_length=80)),
                ('cost_center', models.CharField(blank=True, max_length=80)),
                ('category', models.CharField(blank=True, max_length=80)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='+', to='profiles.client')),
                ('profile', models.ForeignKey(null=True, on_delete=django.db.models.deletion.DB_SET_NULL, related_name='+', to='profiles.profile')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='payments', to='spend.paymentfile')),
            ],
            options={
                'ordering': ['-paid_on', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='ReportDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('starts_on', models.DateField(verbose_name='first day')),
                ('ends_on', models.DateField(verbose_name='last day')),
                ('begun_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('begun_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.DB_SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='report_drafts', to='profiles.client')),
                ('replaces', models.OneToOneField(null=True, on_delete=django.db.models.deletion.DB_CASCADE, related_name='draft_of_next', to='spend.issuedreport')),
            ],
            options={
                'ordering': ['-begun_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='ReportedDetails',
            fields=[
                ('payment', models.OneToOneField(on_delete=django.db.models.deletion.DB_CASCADE, primary_key=True, related_name='details', serialize=False, to='spend.reportedpayment')),
                ('number', models.CharField(max_length=80, verbose_name='number of the payment')),
                ('version', models.PositiveIntegerField()),
                ('paid_on', models.DateField()),
                ('refers_to', models.CharField(blank=True, max_length=80)),
                ('certificates', models.JSONField(default=list)),
            ],
            options={
                'verbose_name_plural': 'reported details',
            },
        ),
        migrations.AddField(
            model_name='reportedpayment',
            name='report',
            field=models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='payments', to='spend.issuedreport'),
        ),
        migrations.CreateModel(
            name='ReportedPayee',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('business', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=100)),
                ('records', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField())),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='+', to='profiles.profile')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='payees', to='spend.issuedreport')),
            ],
            options={
                'verbose_name': 'name in a report of a client',
                'verbose_name_plural': 'names in reports of clients',
                'ordering': ['report', 'business'],
            },
        ),
        migrations.CreateModel(
            name='SavedRules',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('saved_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('fiscal_year_start', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(12)], verbose_name='first month of the fiscal year')),
                ('types', django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(max_length=80), blank=True, null=True, verbose_name='accepted types')),
                ('bodies', django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(max_length=80), blank=True, null=True, verbose_name='accepted certifiers')),
                ('body_kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('federal', 'Federal agency'), ('national', 'National certifier'), ('state', 'State or local agency'), ('other', 'A different certifying organization')], max_length=20), blank=True, null=True, verbose_name='accepted kinds of certifiers')),
                ('self_reported', models.BooleanField(default=False, verbose_name='self-reported certifications count')),
                ('least_step', models.PositiveSmallIntegerField(choices=[(0, 'Self-reported'), (1, 'Document checked'), (2, 'Listed in a public directory'), (3, 'Confirmed by the certifier')], default=0, verbose_name='lowest verification level')),
                ('date_rule', models.CharField(choices=[('at_payment', 'On the day of the payment'), ('any_time_in_fiscal_year', "On any day of the payment's fiscal year"), ('grace', 'On the day of the payment, or within a grace period after it expired'), ('from_application', 'On the day of the payment, or from the day of the application in the fiscal year it was issued')], default='at_payment', max_length=30)),
                ('grace_days', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(365)], verbose_name='grace period (days)')),
                ('primary_order', django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(max_length=80), blank=True, default=list, verbose_name='types that come first')),
                ('base_kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('work', 'Work'), ('bonus', 'Bonus'), ('expense', 'Reimbursed expense'), ('platform_fee', 'Platform fee'), ('tax', 'Tax'), ('refund', 'Refund'), ('chargeback', 'Chargeback'), ('adjustment', 'Adjustment')], max_length=20), blank=True, default=spend.models.rules.first_base, verbose_name='kinds in the base')),
                ('tier_mode', models.CharField(choices=[('tier_1', 'Tier 1: paid directly to the business'), ('tier_2', 'Tier 2: paid to the marketplace, which pays the business')], default='tier_1', max_length=10)),
                ('currency', models.CharField(choices=[('AED', 'AED'), ('AFN', 'AFN'), ('ALL', 'ALL'), ('AMD', 'AMD'), ('AOA', 'AOA'), ('ARS', 'ARS'), ('AUD', 'AUD'), ('AWG', 'AWG'), ('AZN', 'AZN'), ('BAM', 'BAM'), ('BBD', 'BBD'), ('BDT', 'BDT'), ('BHD', 'BHD'), ('BIF', 'BIF'), ('BMD', 'BMD'), ('BND', 'BND'), ('BOB', 'BOB'), ('BRL', 'BRL'), ('BSD', 'BSD'), ('BTN', 'BTN'), ('BWP', 'BWP'), ('BYN', 'BYN'), ('BZD', 'BZD'), ('CAD', 'CAD'), ('CDF', 'CDF'), ('CHF', 'CHF'), ('CLP', 'CLP'), ('CNY', 'CNY'), ('COP', 'COP'), ('CRC', 'CRC'), ('CUP', 'CUP'), ('CVE', 'CVE'), ('CZK', 'CZK'), ('DJF', 'DJF'), ('DKK', 'DKK'), ('DOP', 'DOP'), ('DZD', 'DZD'), ('EGP', 'EGP'), ('ERN', 'ERN'), ('ETB', 'ETB'), ('EUR', 'EUR'), ('FJD', 'FJD'), ('FKP', 'FKP'), ('GBP', 'GBP'), ('GEL', 'GEL'), ('GHS', 'GHS'), ('GIP', 'GIP'), ('GMD', 'GMD'), ('GNF', 'GNF'), ('GTQ', 'GTQ'), ('GYD', 'GYD'), ('HKD', 'HKD'), ('HNL', 'HNL'), ('HTG', 'HTG'), ('HUF', 'HUF'), ('IDR', 'IDR'), ('ILS', 'ILS'), ('INR', 'INR'), ('IQD', 'IQD'), ('IRR', 'IRR'), ('ISK', 'ISK'), ('JMD', 'JMD'), ('JOD', 'JOD'), ('JPY', 'JPY'), ('KES', 'KES'), ('KGS', 'KGS'), ('KHR', 'KHR'), ('KMF', 'KMF'), ('KPW', 'KPW'), ('KRW', 'KRW'), ('KWD', 'KWD'), ('KYD', 'KYD'), ('KZT', 'KZT'), ('LAK', 'LAK'), ('LBP', 'LBP'), ('LKR', 'LKR'), ('LRD', 'LRD'), ('LSL', 'LSL'), ('LYD', 'LYD'), ('MAD', 'MAD'), ('MDL', 'MDL'), ('MGA', 'MGA'), ('MKD', 'MKD'), ('MMK', 'MMK'), ('MNT', 'MNT'), ('MOP', 'MOP'), ('MRU', 'MRU'), ('MUR', 'MUR'), ('MVR', 'MVR'), ('MWK', 'MWK'), ('MXN', 'MXN'), ('MYR', 'MYR'), ('MZN', 'MZN'), ('NAD', 'NAD'), ('NGN', 'NGN'), ('NIO', 'NIO'), ('NOK', 'NOK'), ('NPR', 'NPR'), ('NZD', 'NZD'), ('OMR', 'OMR'), ('PAB', 'PAB'), ('PEN', 'PEN'), ('PGK', 'PGK'), ('PHP', 'PHP'), ('PKR', 'PKR'), ('PLN', 'PLN'), ('PYG', 'PYG'), ('QAR', 'QAR'), ('RON', 'RON'), ('RSD', 'RSD'), ('RUB', 'RUB'), ('RWF', 'RWF'), ('SAR', 'SAR'), ('SBD', 'SBD'), ('SCR', 'SCR'), ('SDG', 'SDG'), ('SEK', 'SEK'), ('SGD', 'SGD'), ('SHP', 'SHP'), ('SLE', 'SLE'), ('SOS', 'SOS'), ('SRD', 'SRD'), ('SSP', 'SSP'), ('STN', 'STN'), ('SVC', 'SVC'), ('SYP', 'SYP'), ('SZL', 'SZL'), ('THB', 'THB'), ('TJS', 'TJS'), ('TMT', 'TMT'), ('TND', 'TND'), ('TOP', 'TOP'), ('TRY', 'TRY'), ('TTD', 'TTD'), ('TWD', 'TWD'), ('TZS', 'TZS'), ('UAH', 'UAH'), ('UGX', 'UGX'), ('USD', 'USD'), ('UYU', 'UYU'), ('UZS', 'UZS'), ('VED', 'VED'), ('VES', 'VES'), ('VND', 'VND'), ('VUV', 'VUV'), ('WST', 'WST'), ('XAF', 'XAF'), ('XCD', 'XCD'), ('XCG', 'XCG'), ('XOF', 'XOF'), ('XPF', 'XPF'), ('YER', 'YER'), ('ZAR', 'ZAR'), ('ZMW', 'ZMW'), ('ZWG', 'ZWG')], default='USD', max_length=3)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='spend_rules', to='profiles.client')),
                ('saved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.DB_SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'rules of a client',
                'verbose_name_plural': 'rules of clients',
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='issuedreport',
            name='saved_rules',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.DB_SET_NULL, related_name='+', to='spend.savedrules'),
        ),
        migrations.CreateModel(
            name='AddressableSpend',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('amount', models.DecimalField(decimal_places=2, max_digits=16)),
                ('note', models.CharField(max_length=300)),
                ('rules', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='addressable', to='spend.savedrules')),
            ],
            options={
                'verbose_name': 'addressable spend',
                'verbose_name_plural': 'addressable spend',
                'ordering': ['starts_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='VendorList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('header', models.JSONField()),
                ('rows', models.JSONField()),
                ('name_column', models.PositiveIntegerField(null=True)),
                ('number_column', models.PositiveIntegerField(null=True)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='+', to='profiles.client')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='disputed',
            constraint=models.UniqueConstraint(fields=('profile', 'external_id'), name='disputed_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='disputed',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "spend_disputedevent" ("disputed_at", "disputed_by_id", "external_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile_id") VALUES (NEW."disputed_at", NEW."disputed_by_id", NEW."external_id", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."profile_id"); RETURN NULL;', hash='4fd0aba0eb14eec2bb00b78322a4abd54f086b34', operation='INSERT', pgid='pgtrigger_insert_insert_74afc', table='spend_disputed', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='disputed',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "spend_disputedevent" ("disputed_at", "disputed_by_id", "external_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile_id") VALUES (OLD."disputed_at", OLD."disputed_by_id", OLD."external_id", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."profile_id"); RETURN NULL;', hash='bc59a722db200deadbfb61a90600b1cf7545a706', operation='DELETE', pgid='pgtrigger_delete_delete_a97c5', table='spend_disputed', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='goal',
            constraint=models.UniqueConstraint(fields=('client', 'fiscal_year', 'type'), name='goal_once_a_type_and_year', nulls_distinct=False, violation_error_message='There is a goal for this fiscal year already. Change that one.'),
        ),
        migrations.AddConstraint(
            model_name='goal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('amount__isnull', False), ('percent', None)), models.Q(('amount', None), ('percent__gt', 0), ('percent__isnull', False), ('percent__lte', 100)), _connector='OR'), name='goal_amount_or_percent', violation_error_message='Enter an amount or a percent, not both'),
        ),
        migrations.AddConstraint(
            model_name='goal',
            constraint=models.CheckConstraint(condition=models.Q(('fiscal_year__gte', 2000), ('fiscal_year__lte', 2100)), name='goal_year', violation_error_message='There is no such fiscal year'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['client', 'paid_on'], name='payment_of_client'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('refers_to', ''), _negated=True), fields=['client'], name='payment_that_refers'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.UniqueConstraint(fields=('external_id', 'version'), name='payment_version_once'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.UniqueConstraint(condition=models.Q(('replaced_at', None)), fields=('external_id',), name='payment_current_once'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('kind__in', ['adjustment', 'chargeback', 'refund']), _connector='OR'), name='payment_negative_only_if_it_follows', violation_error_message='Only a refund, a chargeback or an adjustment can be negative'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('amount__lte', 0), models.Q(('kind__in', ['chargeback', 'refund']), _negated=True), _connector='OR'), name='payment_returned_is_not_positive', violation_error_message='The amount of a refund or a chargeback is negative, like -100.00'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('refers_to', ''), _negated=True), models.Q(('kind__in', ['chargeback', 'refund']), _negated=True), _connector='OR'), name='payment_returned_refers', violation_error_message='A refund or a chargeback names its payment in refers_to'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('refers_to', ''), ('kind__in', ['adjustment', 'chargeback', 'refund']), _connector='OR'), name='payment_refers_only_if_it_follows', violation_error_message='Only a refund, a chargeback or an adjustment refers to another payment'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('refers_to', ''), models.Q(('refers_to', models.F('external_id')), _negated=True), _connector='OR'), name='payment_refers_to_another', violation_error_message='A payment cannot refer to itself'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('settled_amount', None), ('settled_currency', '')), models.Q(('settled_amount__isnull', False), models.Q(('settled_currency', ''), _negated=True)), _connector='OR'), name='payment_settled_in_a_currency', violation_error_message='A settled amount needs its currency, and the currency an amount'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('settled_amount', None), models.Q(('amount__gte', 0), ('settled_amount__gte', 0)), models.Q(('amount__lte', 0), ('settled_amount__lte', 0)), _connector='OR'), name='payment_settled_with_the_same_sign', violation_error_message='The settled amount has the sign of the amount'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payment',
            trigger=pgtrigger.compiler.Trigger(name='payment_stays_as_written', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."external_id" IS DISTINCT FROM (NEW."external_id") OR OLD."version" IS DISTINCT FROM (NEW."version") OR OLD."file_id" IS DISTINCT FROM (NEW."file_id") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at") OR OLD."client_id" IS DISTINCT FROM (NEW."client_id") OR OLD."paid_on" IS DISTINCT FROM (NEW."paid_on") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."settled_amount" IS DISTINCT FROM (NEW."settled_amount") OR OLD."settled_currency" IS DISTINCT FROM (NEW."settled_currency") OR OLD."refers_to" IS DISTINCT FROM (NEW."refers_to") OR OLD."cost_center" IS DISTINCT FROM (NEW."cost_center") OR OLD."category" IS DISTINCT FROM (NEW."category"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='eda3fdf180055fc0ba2de4854a286642f5dd82da', operation='UPDATE', pgid='pgtrigger_payment_stays_as_written_0d52b', table='spend_payment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payment',
            trigger=pgtrigger.compiler.Trigger(name='payment_replaced_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."replaced_at" IS DISTINCT FROM (NEW."replaced_at") AND OLD."replaced_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='251b9f4484ab034cd9a0b25c7565716e319b73be', operation='UPDATE', pgid='pgtrigger_payment_replaced_once_5865d', table='spend_payment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payment',
            trigger=pgtrigger.compiler.Trigger(name='payment_keeps_its_payee', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."profile_id" IS NOT NULL AND OLD."profile_id" IS DISTINCT FROM (NEW."profile_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='7c58079b45d9033dbd1603fe7a1e83936dceac14', operation='UPDATE', pgid='pgtrigger_payment_keeps_its_payee_26849', table='spend_payment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payment',
            trigger=pgtrigger.compiler.Trigger(name='payment_never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF EXISTS (SELECT FROM profiles_client WHERE id = OLD.client_id) THEN\n                        RAISE EXCEPTION 'A payment is deleted only with its client.' USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN OLD;\n                ", hash='192b4b4ee9af5da89cb2266380cdd237eccfc437', operation='DELETE', pgid='pgtrigger_payment_never_deleted_33f98', table='spend_payment', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='reportdraft',
            constraint=models.UniqueConstraint(fields=('client', 'starts_on', 'ends_on'), name='report_draft_once_a_period', violation_error_message='There is a draft for this period already'),
        ),
        migrations.AddConstraint(
            model_name='reportdraft',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='report_draft_in_order', violation_error_message='The last day cannot be before the first'),
        ),
        migrations.AddConstraint(
            model_name='reportdraft',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('replaces', None)), models.Q(('replaces__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='report_draft_replaces_for_a_reason', violation_error_message='Say why this report replaces the earlier one'),
        ),
        migrations.AddField(
            model_name='reporteddetails',
            name='payee',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.DB_CASCADE, related_name='details', to='spend.reportedpayee'),
        ),
        migrations.AddConstraint(
            model_name='reportedpayment',
            constraint=models.UniqueConstraint(fields=('report', 'position'), name='reported_payment_once'),
        ),
        migrations.AddConstraint(
            model_name='reportedpayment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('level', None), ('types', []), models.Q(('reason', ''), _negated=True)), models.Q(models.Q(('types', []), _negated=True), ('level__isnull', False), ('reason', '')), _connector='OR'), name='reported_payment_counts_or_not', violation_error_message='A payment counts under types, or does not for a reason'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportedpayment',
            trigger=pgtrigger.compiler.Trigger(name='reported_payment_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='98b0f047ed11b5e3d64c9830247e82e5f63de1b3', operation='UPDATE', pgid='pgtrigger_reported_payment_stays_19218', table='spend_reportedpayment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportedpayment',
            trigger=pgtrigger.compiler.Trigger(name='kept_with_report_id', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (SELECT FROM spend_issuedreport WHERE id = OLD.report_id) THEN\n                RAISE EXCEPTION 'A row is deleted only with its report.' USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN OLD;\n        ", hash='146d150beed13cb830524071e0696158eb4fa343', operation='DELETE', pgid='pgtrigger_kept_with_report_id_49524', table='spend_reportedpayment', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='reportedpayee',
            constraint=models.UniqueConstraint(fields=('report', 'business'), name='reported_payee_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportedpayee',
            trigger=pgtrigger.compiler.Trigger(name='reported_payee_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='40a4a6b60a4b982384e223ae89376db3d6d7d57e', operation='UPDATE', pgid='pgtrigger_reported_payee_stays_501b3', table='spend_reportedpayee', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='savedrules',
            constraint=models.CheckConstraint(condition=models.Q(('fiscal_year_start__gte', 1), ('fiscal_year_start__lte', 12)), name='saved_rules_month', violation_error_message='A month is from 1 to 12'),
        ),
        migrations.AddConstraint(
            model_name='savedrules',
            constraint=models.CheckConstraint(condition=models.Q(('grace_days__lte', 365)), name='saved_rules_grace', violation_error_message='A grace period has at most 365 days'),
        ),
        migrations.AddConstraint(
            model_name='savedrules',
            constraint=models.CheckConstraint(condition=models.Q(('least_step__lte', 3)), name='saved_rules_step', violation_error_message='There is no such verification level'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='savedrules',
            trigger=pgtrigger.compiler.Trigger(name='saved_rules_stay', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."client_id" IS DISTINCT FROM (NEW."client_id") OR OLD."saved_at" IS DISTINCT FROM (NEW."saved_at") OR OLD."fiscal_year_start" IS DISTINCT FROM (NEW."fiscal_year_start") OR OLD."types" IS DISTINCT FROM (NEW."types") OR OLD."bodies" IS DISTINCT FROM (NEW."bodies") OR OLD."body_kinds" IS DISTINCT FROM (NEW."body_kinds") OR OLD."self_reported" IS DISTINCT FROM (NEW."self_reported") OR OLD."least_step" IS DISTINCT FROM (NEW."least_step") OR OLD."date_rule" IS DISTINCT FROM (NEW."date_rule") OR OLD."grace_days" IS DISTINCT FROM (NEW."grace_days") OR OLD."primary_order" IS DISTINCT FROM (NEW."primary_order") OR OLD."base_kinds" IS DISTINCT FROM (NEW."base_kinds") OR OLD."tier_mode" IS DISTINCT FROM (NEW."tier_mode") OR OLD."currency" IS DISTINCT FROM (NEW."currency"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='88eb780cad4359c0f7190cec7c99d110137d0eff', operation='UPDATE', pgid='pgtrigger_saved_rules_stay_3651b', table='spend_savedrules', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='issuedreport',
            constraint=models.UniqueConstraint(fields=('client', 'number'), name='issued_report_number_once'),
        ),
        migrations.AddConstraint(
            model_name='issuedreport',
            constraint=models.UniqueConstraint(condition=models.Q(('replaces', None)), fields=('client', 'starts_on', 'ends_on'), name='issued_report_first_of_its_period'),
        ),
        migrations.AddConstraint(
            model_name='issuedreport',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='issued_report_in_order', violation_error_message='The last day cannot be before the first'),
        ),
        migrations.AddConstraint(
            model_name='issuedreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('signer_name', ''), _negated=True), models.Q(('signer_title', ''), _negated=True)), name='issued_report_signed', violation_error_message='A report is signed by a person with a title'),
        ),
        migrations.AddConstraint(
            model_name='issuedreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('replaces', None)), models.Q(('replaces__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='issued_report_replaces_for_a_reason', violation_error_message='Say why this report replaces the earlier one'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuedreport',
            trigger=pgtrigger.compiler.Trigger(name='issued_report_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."client_id" IS DISTINCT FROM (NEW."client_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."draft" IS DISTINCT FROM (NEW."draft") OR OLD."starts_on" IS DISTINCT FROM (NEW."starts_on") OR OLD."ends_on" IS DISTINCT FROM (NEW."ends_on") OR OLD."cutoff" IS DISTINCT FROM (NEW."cutoff") OR OLD."signer_name" IS DISTINCT FROM (NEW."signer_name") OR OLD."signer_title" IS DISTINCT FROM (NEW."signer_title") OR OLD."statement" IS DISTINCT FROM (NEW."statement") OR OLD."rules" IS DISTINCT FROM (NEW."rules") OR OLD."type_names" IS DISTINCT FROM (NEW."type_names") OR OLD."addressable" IS DISTINCT FROM (NEW."addressable") OR OLD."addressable_note" IS DISTINCT FROM (NEW."addressable_note") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."replaces_id" IS DISTINCT FROM (NEW."replaces_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."changes" IS DISTINCT FROM (NEW."changes"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='866809ff676580a17b6b0aae3a36f5a4ae805ec8', operation='UPDATE', pgid='pgtrigger_issued_report_stays_6e997', table='spend_issuedreport', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuedreport',
            trigger=pgtrigger.compiler.Trigger(name='kept_with_client_id', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (SELECT FROM profiles_client WHERE id = OLD.client_id) THEN\n                RAISE EXCEPTION 'An issued report is deleted only with its client.' USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN OLD;\n        ", hash='d4e2d0ce88531d53309c8d8e9f0dc49b3d45c192', operation='DELETE', pgid='pgtrigger_kept_with_client_id_25409', table='spend_issuedreport', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='addressablespend',
            constraint=models.UniqueConstraint(fields=('rules', 'starts_on', 'ends_on'), name='addressable_spend_once'),
        ),
        migrations.AddConstraint(
            model_name='addressablespend',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='addressable_spend_in_order', violation_error_message='The last day cannot be before the first'),
        ),
        migrations.AddConstraint(
            model_name='addressablespend',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='addressable_spend_positive', violation_error_message='Addressable spend is more than 0'),
        ),
        migrations.AddConstraint(
            model_name='addressablespend',
            constraint=models.CheckConstraint(condition=models.Q(('note', ''), _negated=True), name='addressable_spend_explained', violation_error_message='Say what is in this amount'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='addressablespend',
            trigger=pgtrigger.compiler.Trigger(name='addressable_spend_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='87ae9c34ab27b64a1be7ee8f3fd70daf88a35b2a', operation='UPDATE', pgid='pgtrigger_addressable_spend_stays_5c865', table='spend_addressablespend', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reporteddetails',
            trigger=pgtrigger.compiler.Trigger(name='reported_details_stay', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='5b2ad668fab41c2f025532e44513d79463fa340b', operation='UPDATE', pgid='pgtrigger_reported_details_stay_08294', table='spend_reporteddetails', when='BEFORE')),
        ),
    ]
