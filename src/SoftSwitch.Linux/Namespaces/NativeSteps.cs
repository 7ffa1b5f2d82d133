using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Namespaces;

/// <summary>
/// Calls of C functions, one after another, without a line of managed code between them: what a forked child of a .NET process may do.
/// </summary>
/// <remarks>
/// A child made by clone(2) has one thread of the runtime and all of its locks, so that managed code in it can stop for ever (a garbage
/// collection that began at the wrong moment suffices). Therefore each call is a context of makecontext(3) whose uc_link is the
/// following call's; the child starts in setcontext(3). Steps are pushed in reverse, the last one first. A step can't see what the one
/// before it returned; errno stays. Each runs with the signal mask that its pusher had. One thread.
/// </remarks>
internal sealed unsafe class NativeSteps(Ucontext libc) : IDisposable
{
    private const int StackSize = 64 * 1024;

    private readonly List<nint> _memory = [];
    private readonly List<CStrings> _strings = [];
    private Ucontext.ucontext_t* _first;

    /// <summary>Puts a call in front of those pushed so far. The arguments are integers or addresses of unmanaged memory.</summary>
    internal void Push(string function, nint a = 0, nint b = 0, nint c = 0)
    {
        // SAFETY: the context and its stack are one zeroed block that lives until Dispose; getcontext fills it before makecontext
        // changes it. Three arguments travel in registers on x86-64 and arm64, variadic or not.
        var context = (Ucontext.ucontext_t*)Allocate(Ucontext.Size + StackSize);
        libc.getcontext(context);
        context->uc_link = _first;
        context->ss_sp = (byte*)context + Ucontext.Size;
        context->ss_size = StackSize;
        libc.makecontext(context, libc.AddressOf(function), 3, a, b, c);
        _first = context;
    }

    /// <summary>Runs the steps in a new process, a copy of this one; its last step must not return.</summary>
    /// <param name="flags">CLONE_NEW* and the signal at its end.</param>
    /// <returns>Its pid, or a negative errno.</returns>
    internal int Clone(int flags)
    {
        // SAFETY: the child has memory of its own, a copy; it leaves this stack for the first step's at once.
        var stack = (byte*)Allocate(StackSize) + StackSize;
        var pid = libc.clone(libc.AddressOf("setcontext"), stack, flags, _first);
        return pid < 0 ? -*libc.__errno_location() : pid;
    }

    /// <summary>Zeroed memory that lives as long as the steps.</summary>
    internal void* Allocate(int size)
    {
        var memory = NativeMemory.AlignedAlloc((nuint)size, 64);
        NativeMemory.Clear(memory, (nuint)size);
        _memory.Add((nint)memory);
        return memory;
    }

    /// <summary>argv or envp, which live as long as the steps.</summary>
    internal byte** Strings(IReadOnlyCollection<string> texts)
    {
        var strings = new CStrings(texts);
        _strings.Add(strings);
        return strings.List;
    }

    public void Dispose()
    {
        foreach (var block in _memory)
            NativeMemory.AlignedFree((void*)block);
        _memory.Clear();
        _strings.ForEach(strings => strings.Dispose());
        _strings.Clear();
    }
}
