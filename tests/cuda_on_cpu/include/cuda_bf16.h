// Everything is in cuda_on_cpu.h, which stands before the program.
