// CUDA C as C++ on one thread of a CPU. `compiler.py` puts this before the program; see `__init__.py`.
#pragma once
#include "cuda_types.h"
#include "cuda_threads.h"
#include "cuda_atomics.h"
#include "cuda_math.h"
#include "cuda_launch.h"
