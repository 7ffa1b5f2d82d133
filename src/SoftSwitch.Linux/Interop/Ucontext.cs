using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>ucontext.h and what goes with it, by address: only the GNU C library has all of it, and it is seldom wanted.</summary>
internal sealed unsafe class Ucontext
{
    /// <summary>More than any ucontext_t needs (x86-64: 968 bytes, arm64: 4560).</summary>
    internal const int Size = 8192;

    /// <summary>sigset_t of the GNU C library.</summary>
    internal const int SigsetSize = 128;

    private readonly nint _libc = NativeLibrary.Load("libc.so.6");

    /// <exception cref="DllNotFoundException">Another C library.</exception>
    /// <exception cref="EntryPointNotFoundException">A C library without contexts.</exception>
    internal Ucontext()
    {
        getcontext = (delegate* unmanaged<ucontext_t*, int>)AddressOf(nameof(getcontext));
        makecontext = (delegate* unmanaged<ucontext_t*, nint, int, nint, nint, nint, void>)AddressOf(nameof(makecontext));
        clone = (delegate* unmanaged<nint, void*, int, void*, int>)AddressOf(nameof(clone));
        pthread_sigmask = (delegate* unmanaged<int, void*, void*, int>)AddressOf(nameof(pthread_sigmask));
        __errno_location = (delegate* unmanaged<int*>)AddressOf(nameof(__errno_location));
    }

    internal delegate* unmanaged<ucontext_t*, int> getcontext { get; }

    internal delegate* unmanaged<ucontext_t*, nint, int, nint, nint, nint, void> makecontext { get; }

    internal delegate* unmanaged<nint, void*, int, void*, int> clone { get; }

    internal delegate* unmanaged<int, void*, void*, int> pthread_sigmask { get; }

    internal delegate* unmanaged<int*> __errno_location { get; }

    internal nint AddressOf(string function) => NativeLibrary.GetExport(_libc, function);

    /// <summary>The start of struct ucontext_t, the same on x86-64 and arm64; the registers follow.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ucontext_t
    {
        public nuint uc_flags;
        public ucontext_t* uc_link;
        public void* ss_sp;
        public int ss_flags;
        public nuint ss_size;
    }
}
