# Who may run experiments: what the commands of `epycloud` need (docs/src/cloud.md).

locals {
  user_roles = [
    "roles/batch.jobsEditor",
    "roles/cloudbuild.builds.editor",
    "roles/compute.viewer",
    "roles/logging.viewer",
    "roles/workflows.invoker",
    "roles/workflows.viewer",
  ]

  users_and_roles = {
    for pair in setproduct(var.users, local.user_roles) :
    "${pair[0]} ${pair[1]}" => { member = pair[0], role = pair[1] }
  }
}

resource "google_project_iam_member" "users" {
  for_each = local.users_and_roles

  project = var.project_id
  role    = each.value.role
  member  = each.value.member
}

# A job, or a build, is started in the name of its account.
resource "google_service_account_iam_member" "users_run_stages" {
  for_each = var.users

  service_account_id = google_service_account.batch_runtime.name
  role               = "roles/iam.serviceAccountUser"
  member             = each.value
}

resource "google_service_account_iam_member" "users_build_images" {
  for_each = var.users

  service_account_id = google_service_account.image_builder.name
  role               = "roles/iam.serviceAccountUser"
  member             = each.value
}

# Results are read, and a run's inputs with them.
resource "google_storage_bucket_iam_member" "users_read_runs" {
  for_each = var.users

  bucket = local.bucket
  role   = "roles/storage.objectViewer"
  member = each.value
}
