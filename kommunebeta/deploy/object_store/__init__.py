"""Object stores: S3 and compatible ones, Azure Blob, Google Cloud Storage."""
