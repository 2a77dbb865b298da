"""All talk with kernels: kernelspecs, the keeper, wire records, sessions. The only place for zmq and jupyter_client."""
