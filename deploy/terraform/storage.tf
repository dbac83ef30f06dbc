locals {
  bucket = var.manage_bucket ? google_storage_bucket.runs[0].name : var.bucket_name

  # What can be made again is removed by its name's end: a run's repository is the only `.tar.gz`,
  # and inputs, results and checkpoints alone end in `.pkl.gz`. Outputs, summaries, configurations
  # and the manifest are kept.
  removed_after_days = {
    for suffix, days in {
      ".tar.gz" = var.keep_repository_days
      ".pkl.gz" = var.keep_artifacts_days
    } : suffix => days if days > 0
  }
}

resource "google_storage_bucket" "runs" {
  count = var.manage_bucket ? 1 : 0

  name     = var.bucket_name
  location = upper(coalesce(var.bucket_location, var.region))

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # A bucket with runs in it isn't removed with the rest.
  force_destroy = false

  # What was overwritten or removed by mistake can be restored so long.
  soft_delete_policy {
    retention_duration_seconds = var.soft_delete_days * 24 * 60 * 60
  }

  dynamic "lifecycle_rule" {
    for_each = local.removed_after_days

    content {
      action {
        type = "Delete"
      }
      condition {
        age            = lifecycle_rule.value
        matches_prefix = var.dir_prefix == "" ? null : [var.dir_prefix]
        matches_suffix = [lifecycle_rule.key]
      }
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }

  # A bucket can't be moved; a wish to would be a wish to make it anew.
  lifecycle {
    ignore_changes = [location]
  }

  depends_on = [google_project_service.required]
}
