resource "google_compute_network" "batch_network" {
  name                    = var.network_name
  auto_create_subnetworks = false
  description             = "Machines of the epymodelingsuite pipeline"

  depends_on = [google_project_service.required]
}

resource "google_compute_subnetwork" "batch_subnet" {
  name          = var.subnet_name
  ip_cidr_range = var.subnet_cidr
  region        = var.region
  network       = google_compute_network.batch_network.id
  description   = "Google's services are reached without addresses outside"

  # Cloud Storage, Artifact Registry, Secret Manager and Batch itself.
  private_ip_google_access = true
}

resource "google_compute_router" "batch_router" {
  name    = "${var.network_name}-router"
  region  = var.region
  network = google_compute_network.batch_network.id
}

# For GitHub alone: stage A fetches the forecast repository.
resource "google_compute_router_nat" "batch_nat" {
  name   = "${var.network_name}-nat"
  router = google_compute_router.batch_router.name
  region = var.region

  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "LIST_OF_SUBNETWORKS"

  subnetwork {
    name                    = google_compute_subnetwork.batch_subnet.id
    source_ip_ranges_to_nat = ["ALL_IP_RANGES"]
  }

  # An address has 64,512 ports; so a thousand machines need one address.
  enable_dynamic_port_allocation = true
  min_ports_per_vm               = 64
  max_ports_per_vm               = 1024

  log_config {
    enable = true
    filter = "ERRORS_ONLY"
  }
}

# Nothing calls these machines. A network refuses by itself too, but with the lowest priority and
# unseen.
resource "google_compute_firewall" "deny_ingress" {
  name        = "${var.network_name}-deny-ingress"
  network     = google_compute_network.batch_network.id
  direction   = "INGRESS"
  priority    = 65000
  description = "Nothing calls these machines"

  source_ranges = ["0.0.0.0/0"]

  deny {
    protocol = "all"
  }
}
