using Builder.Web.Http;

namespace Builder.Web.Tests.Http;

public sealed class DownloadPiecesTests
{
    private const int KiB = 1024;

    [Fact]
    public void Few_downloads_have_large_pieces_and_all_together_hold_16_MiB_until_each_has_least()
    {
        var pieces = new DownloadPieces();
        Assert.Equal(512 * KiB, pieces.SizeInBytes);
        for (var count = 1; count <= 5000; count++)
        {
            pieces.Begin();
            Assert.True(
                (long)count * pieces.SizeInBytes <= 16 * KiB * KiB || pieces.SizeInBytes == 16 * KiB,
                $"{count} downloads, {pieces.SizeInBytes} bytes each"
            );
            Assert.True(count > 32 || pieces.SizeInBytes == 512 * KiB);
        }
        for (var count = 0; count < 5000; count++)
            pieces.End();
        Assert.Equal(512 * KiB, pieces.SizeInBytes);
    }
}
