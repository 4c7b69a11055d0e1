# Every variable's validation refuses bad values: each run names the variables that must refuse theirs. The module checks
# them all. No provider is asked: mock_provider answers.

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
    project_id         = "memes-4711-"
    uploads_per_minute = 0
    name               = "my.memes"
    domain             = "memes.example.com."
    monthly_budget     = 0
    billing_account    = "012345-6789AB-CDEF01"
  }
  expect_failures = [var.project_id, var.name, var.domain, var.monthly_budget, var.uploads_per_minute]
}

run "hyphen_first" {
  command = plan
  module {
    source = "./memegen"
  }
  variables {
    project_id         = "-memes-4711"
    uploads_per_minute = 2.5
    name               = "-memes"
    domain             = "-memes.example.com"
    monthly_budget     = 1.5
    billing_account    = "012345-6789AB-CDEF01"
  }
  expect_failures = [var.project_id, var.name, var.domain, var.monthly_budget, var.uploads_per_minute]
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

run "more_uploads_than_requests" {
  command = plan
  module {
    source = "./memegen"
  }
  variables {
    requests_per_minute = 100
    uploads_per_minute  = 101
  }
  expect_failures = [var.uploads_per_minute]
}

run "labels_key_in_capitals" {
  command = plan
  module {
    source = "./memegen"
  }
  variables {
    labels = { Team = "memes" }
  }
  expect_failures = [var.labels]
}

run "labels_value_in_capitals" {
  command = plan
  module {
    source = "./memegen"
  }
  variables {
    labels = { team = "Memes" }
  }
  expect_failures = [var.labels]
}

run "sizes_too_small" {
  command = plan
  module {
    source = "./memegen"
  }
  variables {
    cpu                 = 0.5
    api_memory          = "256Mi"
    api_cpu             = 0
    api_concurrency     = 0
    min_instances       = -1
    timeout_seconds     = 30
    api_timeout_seconds = 10
    meme_days           = 1
    sent_gib_an_hour    = 0
  }
  expect_failures = [
    var.cpu, var.api_memory, var.api_cpu, var.api_concurrency, var.min_instances, var.timeout_seconds,
    var.api_timeout_seconds, var.meme_days, var.sent_gib_an_hour,
  ]
}

run "sizes_that_others_are_compared_with" {
  command = plan
  module {
    source = "./memegen"
  }
  variables {
    memory     = "512Mi"
    photo_days = 0
  }
  expect_failures = [var.memory, var.photo_days]
}

run "sizes_that_do_not_fit_each_other" {
  command = plan
  module {
    source = "./memegen"
  }
  variables {
    memory          = "8Gi"
    cpu             = 1
    min_instances   = 20
    timeout_seconds = 900
    photo_days      = 7
    meme_days       = 7
  }
  expect_failures = [var.cpu, var.min_instances, var.timeout_seconds, var.meme_days]
}

run "options_without_what_they_are_for" {
  command = plan
  module {
    source = "./memegen"
  }
  variables {
    kill_switch = true
    canary      = true
    public      = false
  }
  expect_failures = [var.kill_switch, var.canary]
}

run "prefixes_of_no_direct_upload" {
  command = plan
  module {
    source = "./memegen"
  }
  variables {
    include_prefixes = ["web/"]
    exclude_prefixes = [""]
  }
  expect_failures = [var.include_prefixes, var.exclude_prefixes]
}

# These go through the root, so that what it passes on is checked as well.
run "all_of_them_well" {
  command = plan
  variables {
    region                  = "us-east4"
    name                    = "memes-2"
    labels                  = { team = "memes" }
    force_destroy           = true
    public                  = false
    max_instances           = 3
    uploaders               = ["user:ann@example.com", "serviceAccount:camera@photos-1.iam.gserviceaccount.com"]
    readers                 = ["group:friends@example.com"]
    report_topic            = true
    notify_email            = "ann@example.com"
    billing_account         = "012345-6789AB-CDEF01"
    monthly_budget          = 20
    domain                  = "memes.example.com"
    requests_per_minute     = 120
    uploads_per_minute      = 120
    memory                  = "2Gi"
    cpu                     = 2
    api_memory              = "512Mi"
    api_cpu                 = 1
    api_concurrency         = 80
    min_instances           = 1
    timeout_seconds         = 300
    api_timeout_seconds     = 60
    photo_days              = 2
    meme_days               = 30
    sent_gib_an_hour        = 2.5
    domain_live             = true
    hsts_include_subdomains = true
    kill_switch             = true
    include_prefixes        = ["photos/", "in/"]
    exclude_prefixes        = ["photos/private/"]
  }
}
