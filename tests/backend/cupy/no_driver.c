// A driver and a runtime of CUDA that know no card: enough for cuDNN to say, of a card that is described to it, which
// graphs it has kernels for. Nothing can be launched.
#define ABSENT(name) int name(void) { return 100; }

int cudaGetDevice(int *d) { return *d = 0; }
int cuDeviceGet(int *d) { return *d = 0; }
int cuCtxGetDevice(int *d) { return *d = 0; }
int cuDeviceGetCount(int *d) { *d = 1; return 0; }
int cuDriverGetVersion(int *v) { *v = 13020; return 0; }
int cudaRuntimeGetVersion(int *v) { *v = 13020; return 0; }
const char *cudaGetErrorString(int e) { return "no card"; }
int cuGetErrorName(int e, const char **s) { *s = "no card"; return 0; }
int cuGetErrorString(int e, const char **s) { *s = "no card"; return 0; }
int cuInit(void) { return 0; }
int cudaGetLastError(void) { return 0; }
int cuThreadExchangeStreamCaptureMode(void) { return 0; }
int cudaThreadExchangeStreamCaptureMode(void) { return 0; }
int cudaDeviceGetAttribute(int *v, int which) { *v = which == 75 ? MAJOR : which == 76 ? MINOR : 0; return 0; }

ABSENT(cuCtxGetCurrent) ABSENT(cuCtxGetLimit) ABSENT(cuCtxPopCurrent) ABSENT(cuCtxPushCurrent) ABSENT(cuCtxSetCurrent)
ABSENT(cuDevicePrimaryCtxRetain) ABSENT(cuKernelGetAttribute) ABSENT(cuKernelGetFunction) ABSENT(cuKernelSetAttribute)
ABSENT(cuLaunchCooperativeKernel) ABSENT(cuLaunchKernel) ABSENT(cuLaunchKernelEx) ABSENT(cuLibraryGetKernel)
ABSENT(cuLibraryLoadData) ABSENT(cuLibraryLoadFromFile) ABSENT(cuLibraryUnload) ABSENT(cuLinkAddData)
ABSENT(cuLinkComplete) ABSENT(cuLinkCreate) ABSENT(cuLinkDestroy) ABSENT(cuModuleGetFunction) ABSENT(cuModuleLoadData)
ABSENT(cuModuleUnload) ABSENT(cuOccupancyMaxPotentialClusterSize) ABSENT(cuStreamGetCtx)
ABSENT(cuTensorMapEncodeIm2col) ABSENT(cuTensorMapEncodeTiled) ABSENT(cudaDeviceSynchronize) ABSENT(cudaEventCreate)
ABSENT(cudaEventDestroy) ABSENT(cudaEventElapsedTime) ABSENT(cudaEventRecord) ABSENT(cudaEventSynchronize)
ABSENT(cudaFree) ABSENT(cudaGetDriverEntryPointByVersion) ABSENT(cudaGraphAddChildGraphNode)
ABSENT(cudaGraphAddMemcpyNode1D) ABSENT(cudaGraphAddMemsetNode) ABSENT(cudaGraphChildGraphNodeGetGraph)
ABSENT(cudaGraphCreate) ABSENT(cudaGraphDestroy) ABSENT(cudaGraphGetNodes) ABSENT(cudaGraphGetRootNodes)
ABSENT(cudaGraphMemcpyNodeSetParams1D) ABSENT(cudaGraphMemsetNodeSetParams) ABSENT(cudaGraphNodeGetDependentNodes)
ABSENT(cudaGraphRetainUserObject) ABSENT(cudaKernelSetAttributeForDevice) ABSENT(cudaLaunchKernel)
ABSENT(cudaLibraryGetKernel) ABSENT(cudaLibraryLoadData) ABSENT(cudaLibraryUnload) ABSENT(cudaMalloc)
ABSENT(cudaMemcpyAsync) ABSENT(cudaMemsetAsync) ABSENT(cudaPointerGetAttributes) ABSENT(cudaStreamBeginCapture)
ABSENT(cudaStreamCreate) ABSENT(cudaStreamDestroy) ABSENT(cudaStreamEndCapture) ABSENT(cudaStreamGetCaptureInfo)
ABSENT(cudaStreamGetCaptureInfo_v2) ABSENT(cudaStreamIsCapturing) ABSENT(cudaStreamSynchronize)
ABSENT(cudaUserObjectCreate) ABSENT(cudaUserObjectRelease)
