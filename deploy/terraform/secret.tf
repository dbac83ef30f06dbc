# The secret without its value, which must never be in Terraform's state. README.md says how to
# give it one.
resource "google_secret_manager_secret" "github_pat" {
  secret_id = var.github_pat_secret

  replication {
    auto {}
  }

  depends_on = [google_project_service.required]
}
