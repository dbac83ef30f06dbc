# `epycloud terraform` gives the first ones and those of stages.tf.json from the configuration.

variable "project_id" {
  type        = string
  description = "Project that everything is in."

  validation {
    condition     = can(regex("^([a-z][a-z0-9.-]*:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "A project's ID has 6 to 30 lower-case letters, digits and hyphens."
  }
}

variable "region" {
  type        = string
  default     = "us-central1"
  description = "Region of the jobs, the workflow, the images, the network and, unless said otherwise, the bucket."

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region is called like us-central1."
  }
}

variable "bucket_name" {
  type        = string
  description = "Bucket of the runs' files, without gs://."

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$", var.bucket_name))
    error_message = "A bucket's name has lower-case letters, digits, dots, hyphens and underscores, and no gs://."
  }
}

variable "repo_name" {
  type        = string
  default     = "epymodelingsuite-repo"
  description = "Artifact Registry repository of the images."
}

variable "image_name" {
  type        = string
  default     = "epymodelingsuite"
  description = "Name of the image."
}

variable "image_tag" {
  type        = string
  default     = "latest"
  description = "Tag of the image that runs get if they ask for none."
}

variable "github_forecast_repo" {
  type        = string
  default     = ""
  description = "Forecast repository (owner/name) that runs get if they ask for none."

  validation {
    condition     = var.github_forecast_repo == "" || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_forecast_repo))
    error_message = "A repository is written owner/name."
  }
}

variable "github_pat_secret" {
  type        = string
  default     = "github-pat"
  description = "Name of the secret that holds the GitHub token. Its value isn't Terraform's."

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,255}$", var.github_pat_secret))
    error_message = "This is the secret's name, never the token itself: letters, digits, _ and -."
  }
}

variable "users" {
  type        = set(string)
  default     = []
  description = "Who may run experiments and read their results, such as group:lab@example.org."

  validation {
    condition     = alltrue([for user in var.users : can(regex("^(user|group|domain|serviceAccount):.+", user))])
    error_message = "A user is written user:…, group:…, domain:… or serviceAccount:…."
  }
}

variable "queue_seconds" {
  type        = number
  default     = 172800
  description = "Seconds that a job may wait for machines before its run fails (Batch's own limit if not given)."

  validation {
    condition     = var.queue_seconds >= 600 && floor(var.queue_seconds) == var.queue_seconds
    error_message = "Whole seconds, at least ten minutes."
  }
}

# The bucket

variable "manage_bucket" {
  type        = bool
  default     = true
  description = "Whether the bucket is made, and its rules kept, here. False for one that others see to."
}

variable "bucket_location" {
  type        = string
  default     = null
  description = "Where the bucket is made (the region if not given). One that is there stays where it is."
}

variable "dir_prefix" {
  type        = string
  default     = "pipeline/flu/"
  description = "Folders of the bucket below which files are removed by age: DIR_PREFIX, or what its values have in common."

  validation {
    condition     = var.dir_prefix == "" || (endswith(var.dir_prefix, "/") && !startswith(var.dir_prefix, "/"))
    error_message = "Folders end in a slash and don't begin with one."
  }
}

variable "keep_repository_days" {
  type        = number
  default     = 30
  description = "Days that a run's archive of the forecast repository is kept; 0 for ever. Without it a run can't be repeated from stage B on."

  validation {
    condition     = var.keep_repository_days >= 0 && floor(var.keep_repository_days) == var.keep_repository_days
    error_message = "Whole days, or 0."
  }
}

variable "keep_artifacts_days" {
  type        = number
  default     = 180
  description = "Days that inputs and results of tasks are kept; 0 for ever. Outputs are always kept."

  validation {
    condition     = var.keep_artifacts_days >= 0 && floor(var.keep_artifacts_days) == var.keep_artifacts_days
    error_message = "Whole days, or 0."
  }
}

variable "soft_delete_days" {
  type        = number
  default     = 7
  description = "Days that what was overwritten or removed can be restored: 7 to 90, or 0 for not at all."

  validation {
    condition     = var.soft_delete_days == 0 || (var.soft_delete_days >= 7 && var.soft_delete_days <= 90)
    error_message = "0, or 7 to 90 days."
  }
}

# Images

variable "keep_images" {
  type        = number
  default     = 20
  description = "Images that are kept whatever their age, the newest first."

  validation {
    condition     = var.keep_images >= 1
    error_message = "At least one image must stay."
  }
}

variable "keep_replaced_images_days" {
  type        = number
  default     = 30
  description = "Days that an image is kept after its tag went to a newer one."

  validation {
    condition     = var.keep_replaced_images_days >= 1
    error_message = "At least one day."
  }
}

# The network

variable "network_name" {
  type        = string
  default     = "epymodelingsuite-network"
  description = "Network of the machines."
}

variable "subnet_name" {
  type        = string
  default     = "epymodelingsuite-subnet"
  description = "Subnetwork of the machines."
}

variable "subnet_cidr" {
  type        = string
  default     = "10.0.0.0/20"
  description = "Its addresses; a /20 is enough for 4,092 machines at the same time."

  validation {
    condition     = can(cidrhost(var.subnet_cidr, 0))
    error_message = "Addresses are written like 10.0.0.0/20."
  }
}

# Monitoring

variable "alert_emails" {
  type        = set(string)
  default     = []
  description = "Who is told of executions and stages that failed. Alerts are kept in Cloud Monitoring in any case."

  validation {
    condition     = alltrue([for address in var.alert_emails : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "An address has one @."
  }
}
