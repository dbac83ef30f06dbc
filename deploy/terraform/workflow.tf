locals {
  registry = "${var.region}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.repo.repository_id}"
  image    = "${local.registry}/${var.image_name}:${var.image_tag}"

  # What a run gets that doesn't say otherwise; the head of workflow.yaml has the table. None of it is
  # a secret: whoever may see the workflow sees it.
  workflow_variables = {
    EPYCLOUD_IMAGE           = "${local.registry}/${var.image_name}"
    EPYCLOUD_IMAGE_TAG       = var.image_tag
    EPYCLOUD_BUCKET          = local.bucket
    EPYCLOUD_FORECAST_REPO   = var.github_forecast_repo
    EPYCLOUD_PAT_SECRET      = google_secret_manager_secret.github_pat.secret_id
    EPYCLOUD_SERVICE_ACCOUNT = google_service_account.batch_runtime.email
    EPYCLOUD_NETWORK         = google_compute_network.batch_network.self_link
    EPYCLOUD_SUBNETWORK      = google_compute_subnetwork.batch_subnet.self_link
    EPYCLOUD_QUEUE_SECONDS   = tostring(var.queue_seconds)
    EPYCLOUD_DEFAULTS        = jsonencode(local.run_defaults)
  }
}

resource "google_workflows_workflow" "pipeline" {
  name            = "epymodelingsuite-pipeline"
  region          = var.region
  description     = "A run of an experiment: stage A, the tasks of stage B, stage C"
  service_account = google_service_account.workflows_runner.id
  source_contents = file("${path.module}/../workflow.yaml")
  user_env_vars   = { for name, value in local.workflow_variables : name => value if value != "" }

  # A failure is told with all it says; a run that goes well needs no line a step.
  call_log_level = "LOG_ERRORS_ONLY"

  # It has no data of its own.
  deletion_protection = false

  depends_on = [
    google_project_iam_member.workflow,
    google_service_account_iam_member.workflow_runs_stages,
    google_storage_bucket_iam_member.workflow_reads_bucket,
    time_sleep.services,
  ]
}
