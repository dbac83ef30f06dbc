locals {
  # What the stages' programs wrote, and what Batch wrote about their machines.
  stage_log = "resource.type=\"batch.googleapis.com/Job\" AND log_id(\"batch_task_logs\")"
  agent_log = "resource.type=\"batch.googleapis.com/Job\" AND log_id(\"batch_agent_logs\")"
}

resource "google_logging_metric" "stage_errors" {
  name        = "epymodelingsuite/stage_errors"
  description = "Errors that stages logged"
  filter      = "${local.stage_log} AND severity>=ERROR"

  label_extractors = {
    stage  = "EXTRACT(labels.stage)"
    exp_id = "EXTRACT(labels.exp_id)"
  }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    labels {
      key         = "stage"
      value_type  = "STRING"
      description = "builder, runner or output"
    }
    labels {
      key         = "exp_id"
      value_type  = "STRING"
      description = "Experiment, as a label has it"
    }
  }
}

resource "google_logging_metric" "machine_errors" {
  name        = "epymodelingsuite/machine_errors"
  description = "Errors that Batch logged about machines: pre-emption, time limits, disks"
  filter      = "${local.agent_log} AND severity>=ERROR"

  label_extractors = {
    stage = "EXTRACT(labels.stage)"
  }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    labels {
      key         = "stage"
      value_type  = "STRING"
      description = "builder, runner or output"
    }
  }
}

resource "google_monitoring_dashboard" "runs" {
  dashboard_json = file("${path.module}/dashboard.json")

  depends_on = [
    google_logging_metric.stage_errors,
    google_logging_metric.machine_errors,
    google_project_service.required,
  ]

}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.alert_emails

  display_name = "Runs: ${each.value}"
  type         = "email"

  labels = {
    email_address = each.value
  }

  depends_on = [google_project_service.required]
}

resource "google_monitoring_alert_policy" "execution_failed" {
  display_name          = "A workflow of epymodelingsuite failed"
  combiner              = "OR"
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]

  conditions {
    display_name = "Executions that failed"

    condition_threshold {
      filter = join(" AND ", [
        "resource.type=\"workflows.googleapis.com/Workflow\"",
        "resource.labels.workflow_id=\"${google_workflows_workflow.pipeline.name}\"",
        "metric.type=\"workflows.googleapis.com/finished_execution_count\"",
        "metric.labels.status=\"FAILED\"",
      ])
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"

      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_DELTA"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "`epycloud workflow list --status failed` lists them, `epycloud workflow describe ID` says why."
  }
}

resource "google_monitoring_alert_policy" "stage_failed" {
  display_name          = "A stage of epymodelingsuite logged an error"
  combiner              = "OR"
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]

  conditions {
    display_name = "Errors of stages"

    condition_matched_log {
      filter = "${local.stage_log} AND severity>=ERROR"

      label_extractors = {
        stage  = "EXTRACT(labels.stage)"
        exp_id = "EXTRACT(labels.exp_id)"
        run_id = "EXTRACT(labels.run_id)"
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"

    # A run of a thousand tasks that fail alike is one message.
    notification_rate_limit {
      period = "3600s"
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "`epycloud logs --exp-id ID --run-id RUN --level error` shows them."
  }
}
