using System.Runtime.InteropServices;

namespace SoftSwitch.Lab;

/// <summary>Ctrl-C and SIGTERM end a lab; while a prompt has the terminal, Ctrl-C is the prompt's.</summary>
internal sealed class LabSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations;
    private volatile bool _promptHasTerminal;

    public LabSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => End(context, _promptHasTerminal)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => End(context, false)),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => End(context, false)),
    ];

    public CancellationToken Stop => _stop.Token;

    public void GiveTerminal() => _promptHasTerminal = true;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
    }

    private void End(PosixSignalContext context, bool ignore)
    {
        context.Cancel = true;
        if (!ignore)
            _stop.Cancel();
    }
}
