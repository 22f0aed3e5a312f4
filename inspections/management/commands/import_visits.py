from registry.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Import historic visits and their findings. All rows or none, unless --accept-valid."
    kind = "visits"
