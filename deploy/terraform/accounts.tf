# Three accounts, each with what its work needs and no more: a role on one bucket, one secret or one
# repository wherever there is such a role, on the project only where there is none.

resource "google_service_account" "batch_runtime" {
  account_id   = "batch-runtime"
  display_name = "Stages"
  description  = "In its name the stages run"

  depends_on = [google_project_service.required]
}

resource "google_service_account" "workflows_runner" {
  account_id   = "workflows-runner"
  display_name = "Workflow"
  description  = "In its name the workflow submits the stages' jobs"

  depends_on = [google_project_service.required]
}

resource "google_service_account" "image_builder" {
  account_id   = "image-builder"
  display_name = "Image builds"
  description  = "In its name Cloud Build builds images"

  depends_on = [google_project_service.required]
}

# Stages

resource "google_storage_bucket_iam_member" "stages_use_bucket" {
  bucket = local.bucket
  role   = "roles/storage.objectUser"
  member = google_service_account.batch_runtime.member
}

resource "google_secret_manager_secret_iam_member" "stages_read_token" {
  secret_id = google_secret_manager_secret.github_pat.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.batch_runtime.member
}

resource "google_artifact_registry_repository_iam_member" "stages_pull_image" {
  location   = google_artifact_registry_repository.repo.location
  repository = google_artifact_registry_repository.repo.name
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.batch_runtime.member
}

resource "google_project_iam_member" "stages" {
  for_each = toset([
    "roles/batch.agentReporter",
    "roles/logging.logWriter",
  ])

  project = var.project_id
  role    = each.value
  member  = google_service_account.batch_runtime.member
}

# Workflow

resource "google_storage_bucket_iam_member" "workflow_reads_bucket" {
  bucket = local.bucket
  role   = "roles/storage.objectViewer"
  member = google_service_account.workflows_runner.member
}

resource "google_service_account_iam_member" "workflow_runs_stages" {
  service_account_id = google_service_account.batch_runtime.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.workflows_runner.member
}

resource "google_project_iam_member" "workflow" {
  for_each = toset([
    "roles/batch.jobsEditor",
    "roles/logging.logWriter",
  ])

  project = var.project_id
  role    = each.value
  member  = google_service_account.workflows_runner.member
}

# Image builds

resource "google_artifact_registry_repository_iam_member" "builds_push_image" {
  location   = google_artifact_registry_repository.repo.location
  repository = google_artifact_registry_repository.repo.name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.image_builder.member
}

resource "google_secret_manager_secret_iam_member" "builds_read_token" {
  secret_id = google_secret_manager_secret.github_pat.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.image_builder.member
}

# The files to build from are laid there (README.md).
resource "google_storage_bucket_iam_member" "builds_read_source" {
  bucket = local.bucket
  role   = "roles/storage.objectViewer"
  member = google_service_account.image_builder.member
}

resource "google_project_iam_member" "builds_log" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = google_service_account.image_builder.member
}
