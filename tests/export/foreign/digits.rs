// The same library from Rust. Arguments: file of one image (float32), file for the outputs.
use std::ffi::c_void;

#[link(name = "digits")]
extern "C" {
    fn digits_create(context: *mut *mut c_void, threads: i32) -> i32;
    fn digits_free(context: *mut c_void) -> i32;
    fn digits_run(context: *mut c_void, image: *const f32, image_size: usize, digit: *mut f32, digit_size: usize) -> i32;
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let bytes = std::fs::read(&words[1]).unwrap();
    let image: Vec<f32> = bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    let mut digit = [0f32; 10];
    let mut context = std::ptr::null_mut();
    unsafe {
        assert_eq!(digits_create(&mut context, 1), 0);
        assert_eq!(digits_run(context, image.as_ptr(), image.len(), digit.as_mut_ptr(), digit.len()), 0);
        assert_eq!(digits_run(context, image.as_ptr(), 3, digit.as_mut_ptr(), digit.len()), 2);
        assert_eq!(digits_free(context), 0);
    }
    let out: Vec<u8> = digit.iter().flat_map(|x| x.to_le_bytes()).collect();
    std::fs::write(&words[2], out).unwrap();
}
