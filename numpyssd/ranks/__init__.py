"""Training in several processes at once, with MPI: ``mpiexec -n 4 python -m numpyssd.train ...``.

The processes are called ranks. Each makes and computes some parts of every batch, all add up their gradients, and all
take the same step. R ranks do, bit for bit, what one process does with as many micro-batches (training/loop.py), so one
process is the oracle for all of this. Without mpiexec nothing here runs, and MPI is not imported.

- launcher.py: who started this process, told by the environment; small shared memory
- start.py: ``on_ranks``, around a whole command; world.py: ``World``, this process among the others
- waiting.py: how a rank waits for others, and whom it misses; news.py: what ranks tell each other beside the training
- ends.py: the one sentence of an error, whichever rank has it
- share.py: which parts and images are whose; machines.py: which ranks are neighbors, and their threads
- gradient_sum.py: the sum by halves in two levels; pieces.py, route.py, bfloat16.py: what goes where, and how
- processors.py, drift.py: that all ranks compute the same
- setup.py, evaluation.py: data and weights of rank 0 for all; detections of all for rank 0

docs/mpi.md says how to start it, and when not to.
"""
