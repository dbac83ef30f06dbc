locals {
  services = toset([
    "artifactregistry.googleapis.com",
    "batch.googleapis.com",
    "cloudbuild.googleapis.com",
    "compute.googleapis.com",
    "iam.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "secretmanager.googleapis.com",
    "storage.googleapis.com",
    "workflowexecutions.googleapis.com",
    "workflows.googleapis.com",
  ])
}

resource "google_project_service" "required" {
  for_each = local.services

  project = var.project_id
  service = each.value

  # Others in the project may use it.
  disable_on_destroy = false
}

# A service's own account exists some time after the service is switched on, and a workflow can't be
# made before.
resource "time_sleep" "services" {
  create_duration = "60s"

  triggers = {
    services = join(",", [for service in google_project_service.required : service.service])
  }
}
