using System.Runtime.InteropServices;

namespace SoftSwitch.Cli;

/// <summary>Ctrl-C or SIGTERM, which ends a command that goes on by itself, with status 0.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _come = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <param name="also">Done as well when it comes.</param>
    public Interrupt(Action? also = null) =>
        _registrations =
        [
            .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                _come.Cancel();
                also?.Invoke();
            })),
        ];

    public CancellationToken Come => _come.Token;

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _come.Dispose();
    }
}
