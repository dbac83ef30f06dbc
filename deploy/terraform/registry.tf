resource "google_artifact_registry_repository" "repo" {
  location      = var.region
  repository_id = var.repo_name
  format        = "DOCKER"
  description   = "Images of the epymodelingsuite pipeline"

  # An image without a tag was replaced by a newer one.
  cleanup_policies {
    id     = "remove-replaced"
    action = "DELETE"

    condition {
      tag_state  = "UNTAGGED"
      older_than = "${var.keep_replaced_images_days * 24 * 60 * 60}s"
    }
  }

  # The last ones stay, so that a run can be repeated with what it used.
  cleanup_policies {
    id     = "keep-latest"
    action = "KEEP"

    most_recent_versions {
      keep_count = var.keep_images
    }
  }

  depends_on = [google_project_service.required]
}
