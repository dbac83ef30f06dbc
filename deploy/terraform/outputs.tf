output "bucket_name" {
  description = "Bucket of the runs' files."
  value       = local.bucket
}

output "artifact_registry_repo" {
  description = "Repository of the images."
  value       = local.registry
}

output "image_uri" {
  description = "Image that runs get if they ask for none."
  value       = local.image
}

output "workflows_name" {
  description = "The workflow."
  value       = google_workflows_workflow.pipeline.name
}

output "workflows_region" {
  description = "Where it is."
  value       = google_workflows_workflow.pipeline.region
}

output "batch_runtime_sa_email" {
  description = "Account of the stages."
  value       = google_service_account.batch_runtime.email
}

output "workflows_runner_sa_email" {
  description = "Account of the workflow."
  value       = google_service_account.workflows_runner.email
}

output "image_builder_sa_email" {
  description = "Account of image builds."
  value       = google_service_account.image_builder.email
}

output "github_pat_secret" {
  description = "Secret that wants the GitHub token as its value."
  value       = google_secret_manager_secret.github_pat.secret_id
}

output "network" {
  description = "Network of the machines."
  value       = google_compute_network.batch_network.id
}

output "subnetwork" {
  description = "Subnetwork of the machines."
  value       = google_compute_subnetwork.batch_subnet.id
}

output "dashboard_url" {
  description = "The dashboard of runs."
  value       = "https://console.cloud.google.com/monitoring/dashboards/builder/${element(split("/", google_monitoring_dashboard.runs.id), 3)}?project=${var.project_id}"
}
