import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="EnterpriseInitials",
            fields=[
                (
                    "enterprise",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="initials",
                        serialize=False, to="registry.enterprise",
                    ),
                ),
                ("initials", models.CharField(max_length=300)),
            ],
            options={"verbose_name": "名称首字母", "verbose_name_plural": "名称首字母"},
        ),
    ]
