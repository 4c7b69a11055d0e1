# Every variable's validation refuses bad values: each run names the variables that must refuse theirs. All but the
# labels are checked in the module. No provider is asked: mock_provider answers.

mock_provider "google" {}
mock_provider "time" {}

variables {
  project_id = "memes-4711"
}

run "other_than_asked_for" {
  command = plan
  module {
    source = "./memegen"
  }
  variables {
    project_id          = "123456789012"
    region              = "europe-west1-b"
    name                = "abcdefghijklmnopq"
    repository          = ".."
    archive             = "../functions-0123456789abcdef.zip"
    max_instances       = 0
    uploaders           = ["allUsers"]
    readers             = ["allAuthenticatedUsers"]
    notify_email        = "ann"
    billing_account     = "12345"
    domain              = "https://memes.example.com/"
    requests_per_minute = 10
  }
  expect_failures = [
    var.project_id, var.region, var.name, var.repository, var.archive, var.max_instances, var.uploaders, var.readers,
    var.notify_email, var.billing_account, var.domain, var.requests_per_minute,
  ]
}

run "near_misses" {
  command = plan
  module {
    source = "./memegen"
  }
  variables {
    project_id          = "memes"
    region              = "EU"
    name                = "mygoog"
    archive             = "functions-0123456789ABCDEF.zip"
    max_instances       = 1.5
    uploaders           = ["user:ann@example.com", "ann@example.com"]
    readers             = ["group:friends@example.com", ""]
    notify_email        = "ann@example.com, bob@example.com"
    billing_account     = "012345-6789ab-cdef01"
    domain              = "memes"
    requests_per_minute = 10001
  }
  expect_failures = [
    var.project_id, var.region, var.name, var.archive, var.max_instances, var.uploaders, var.readers,
    var.notify_email, var.billing_account, var.domain, var.requests_per_minute,
  ]
}

run "dots_and_hyphens_at_ends" {
  command = plan
  module {
    source = "./memegen"
  }
  variables {
    project_id      = "memes-4711-"
    name            = "my.memes"
    domain          = "memes.example.com."
    monthly_budget  = 0
    billing_account = "012345-6789AB-CDEF01"
  }
  expect_failures = [var.project_id, var.name, var.domain, var.monthly_budget]
}

run "hyphen_first" {
  command = plan
  module {
    source = "./memegen"
  }
  variables {
    project_id      = "-memes-4711"
    name            = "-memes"
    domain          = "-memes.example.com"
    monthly_budget  = 1.5
    billing_account = "012345-6789AB-CDEF01"
  }
  expect_failures = [var.project_id, var.name, var.domain, var.monthly_budget]
}

run "budget_of_no_account" {
  command = plan
  module {
    source = "./memegen"
  }
  variables {
    monthly_budget = 20
  }
  expect_failures = [var.monthly_budget]
}

run "labels_key_in_capitals" {
  command = plan
  variables {
    labels = { Team = "memes" }
  }
  expect_failures = [var.labels]
}

run "labels_value_in_capitals" {
  command = plan
  variables {
    labels = { team = "Memes" }
  }
  expect_failures = [var.labels]
}

# These go through the root, so that what it passes on is checked as well.
run "all_of_them_well" {
  command = plan
  variables {
    region              = "us-east4"
    name                = "memes-2"
    labels              = { team = "memes" }
    force_destroy       = true
    public              = false
    max_instances       = 3
    uploaders           = ["user:ann@example.com", "serviceAccount:camera@photos-1.iam.gserviceaccount.com"]
    readers             = ["group:friends@example.com"]
    report_topic        = true
    notify_email        = "ann@example.com"
    billing_account     = "012345-6789AB-CDEF01"
    monthly_budget      = 20
    domain              = "memes.example.com"
    requests_per_minute = 120
  }
}
